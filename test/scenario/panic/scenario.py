"""When everything is down, calls are tried all the same, and the first good one ends it.

Never black-hole (design section 7): both gateways refuse until they are down; then each
call still reaches the least recently failed one, and a success brings it back at once.
What the operator took out, and what sent a Retry-After, is left alone.
"""


def story(lab):
    lab.start()
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    for gw in (gw1, gw2):
        gw.reject(503)
    lab.rpc("failover_route.set_admin", "carriers", "gw3", "drain")
    for user in range(100, 103):
        assert lab.place(str(user), expect=500).finals == [500]
    lab.log.wait_for(r"carriers down: no destination is usable")
    lab.log.wait_for(r"carriers panic: no destination is usable")
    assert (lab.health("gw1"), lab.health("gw2")) == ("down", "down")
    told = lab.rpc("failover_route.explain", "carriers")
    assert told["choice"] in ("gw1", "gw2") and "panic" in told["why"]

    gw1.clear(), gw2.clear()
    assert lab.place("103", expect=500).finals == [500]
    assert len(gw1.calls) == 1 and len(gw2.calls) == 1  # tried, once each
    gw2.answer()
    assert lab.place("104").finals == [200]
    lab.wait(lambda: lab.health("gw2") in ("up", "ramp"), "gw2 is back")
    lab.log.wait_for(r"carriers panic is over")
    assert lab.health("gw1") == "down" and len(gw3.calls) == 0

    gw2.reject(503, {"Retry-After": "60"})  # it asked to be left alone
    lab.place("105", expect=500)
    gw1.clear(), gw2.clear()
    lab.place("106", expect=500)
    assert len(gw2.calls) == 0 and len(gw1.calls) == 1
