"""Every script function from Lua: relay, select and next, the tests, mark, events.

A KEMI script gets the same failover, and the event callback gets what event routes
get (issue point 8).
"""


def story(lab):
    lab.configure()
    lab.render("route.lua")
    lab.kamailio.start()
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")

    assert lab.place("100").finals == [200]
    gw1.reject(503)
    assert lab.place("101").finals == [200]
    gw2.reject(503)
    assert lab.place("200").finals == [200]
    lab.log.wait_for("in lua: gw1:503>gw2")
    assert [len(g.calls) for g in (gw1, gw2, gw3)] == [3, 2, 1]
    gw2.reject(486)
    assert lab.place("201", expect=486).finals == [486]
    assert len(gw3.calls) == 1

    gw1.mode = lambda r: [(0, 407 if len(gw1.calls) == before else 503, None)]
    before = len(gw1.calls) + 1  # the one that comes now
    gw2.answer()
    assert lab.place("202").finals == [200]
    lab.log.wait_for("in lua: gw1:407>gw1:503>gw2")

    # in parallel: a branch that fails alone is no error of the script
    gw1.reject(503)
    gw2.deaf()
    assert lab.place("300").finals == [200]
    assert gw1.users[-1] == gw2.users[-1] == gw3.users[-1] == "300"
    gw2.answer()

    def asked(**options):
        return lab.place("900", method="MESSAGE", **options).final.phrase
    assert asked() == "up=yes gw1=yes from=no exists=yes none=no"
    assert "from=yes" in asked(source=gw1.host)
    lab.rpc("failover_route.set_health", "carriers", "gw1", "down")
    lab.log.wait_for("in lua: event failover_route:dst-down gw1")
    assert "up=yes gw1=no" in asked()
    lab.rpc("failover_route.set_health", "carriers", "gw1", "up")
    lab.log.wait_for("in lua: event failover_route:dst-up gw1")

    lab.place("901", method="MESSAGE")
    told = lab.wait_health("gw1", "down")
    assert told["sources"] == ["admin"] or told["sources"] == ["traffic"]
