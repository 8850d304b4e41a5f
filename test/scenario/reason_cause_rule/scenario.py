"""The same code means different things by the cause in its Reason header.

A rule with reason-cause applies to its Q.850 cause only; other causes get the built-in
policy (design section 6, RFC 3326).
"""


def reason(cause):
    return {"Reason": f'Q.850;cause={cause};text="as the switch said"'}


def story(lab):
    lab.start()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")

    gw1.reject(503, reason(34))  # no circuit: go on, and blame nobody
    lab.place_many(range(100, 106))
    told = lab.dst("gw1")
    assert (told["health"], told["attempts"], told["failed"]) == ("up", 6, 0)
    assert len(gw2.calls) == 6

    gw1.reject(480, reason(19))  # no answer from the user: stop
    assert lab.place("106", expect=480).finals == [480]
    gw1.reject(480, reason(18))  # another cause: as built in
    assert lab.place("107").finals == [200]
    gw1.reject(404, reason(1))
    assert lab.place("108", expect=404).finals == [404]
    assert lab.dst("gw1")["failed"] == 1 and len(gw2.calls) == 7

    gw1.reject(404, reason(3))  # no route to destination: next, and it is the gateway's fault
    lab.place_many((109, 110))
    told = lab.wait_health("gw1", "down")  # with the 480 of 107: three fails
    assert told["failed"] == 3 and "404" in told["reason"] and len(gw2.calls) == 9
