"""Codes that mean "this call, not this gateway" go to the caller unchanged.

486, 484, 404, 401, 407, 403, 487 and every 6xx: no other gateway is tried, and each
proves that the hop is alive (design section 6: stop, ok; RFC 3261 16.7: nothing new
after a 6xx).
"""

CODES = (486, 484, 404, 403, 401, 407, 487, 600, 603, 604)


def story(lab):
    lab.start()
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    for n, code in enumerate(CODES):
        gw1.reject(code, {"X-From": "gw1"})
        call = lab.place(str(100 + n), expect=code)
        assert call.finals == [code] and call.final.get("x-from") == "gw1"
    told = lab.dst("gw1")
    assert (told["attempts"], told["ok"], told["failed"]) == (len(CODES), len(CODES), 0)
    assert told["health"] == "up"
    assert gw2.requests == [] and gw3.requests == []

    gw1.reject(503)  # also when it is the second gateway that says so
    gw2.reject(603)
    assert lab.place("100", expect=603).finals == [603]
    assert len(gw2.calls) == 1 and gw3.requests == []
