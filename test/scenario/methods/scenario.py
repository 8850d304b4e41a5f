"""REGISTER, MESSAGE, SUBSCRIBE and OPTIONS fail over as INVITE does.

For a 503 and for silence, over UDP and TCP (issue point 5). The called user is the
same each time, so nothing goes down on the way.
"""

METHODS = ("REGISTER", "MESSAGE", "SUBSCRIBE", "OPTIONS", "INVITE")


def story(lab):
    lab.start()
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")

    for method in METHODS:
        lab.place("100", method=method)
        assert gw1.count(method) == 1 and gw2.count(method) == 0

    gw1.reject(503)
    for method in METHODS:
        for transport in ("udp", "tcp"):
            call = lab.place("100", method=method, transport=transport)
            assert call.finals == [200]
        assert gw1.count(method) == 3 and gw2.count(method) == 2

    gw1.blackhole()
    for method in METHODS:
        call = lab.place("100", method=method)
        assert call.finals == [200] and 1900 <= call.final_ms < 8000
        assert gw1.count(method) == 4 and gw2.count(method) == 3

    gw1.reject(404)  # stop, for each of them
    for method in METHODS:
        assert lab.place("100", 404, method=method).finals == [404]
    assert gw3.requests == [] and gw2.count("MESSAGE") == 3
    assert [lab.health(g) for g in ("gw1", "gw2", "gw3")] == ["up", "up", "up"]
