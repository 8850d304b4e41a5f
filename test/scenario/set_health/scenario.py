"""An operator's word on health is an observation with a flag of its own.

What the operator marked down stays down although pings succeed, comes back at the
operator's word at once, and is told to event routes and history (peers row 15).
"""
ROUTES = '''event_route[failover_route:dst-down] {
	xlog("L_NOTICE", "EVENT $frt(event.destination) $frt(event.to) by $frt(event.source)\\n");
}
event_route[failover_route:dst-up] {
	xlog("L_NOTICE", "EVENT $frt(event.destination) $frt(event.to) by $frt(event.source)\\n");
}'''


def story(lab):
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    lab.start(routes=ROUTES)
    lab.rpc("failover_route.set_health", "carriers", "gw1", "down")
    told = lab.dst("gw1")
    assert (told["health"], told["admin"], told["sources"]) == ("down", "ready", ["admin"])
    lab.log.wait_for("EVENT gw1 down by admin")
    seen = len(gw1.options)
    lab.wait(lambda: len(gw1.options) >= seen + 3, "good pings")
    lab.place("100")
    assert gw1.calls == [] and lab.dst("gw1")["sources"] == ["admin"]

    lab.rpc("failover_route.set_health", "carriers", "gw1", "up")
    assert (lab.health("gw1"), lab.dst("gw1")["sources"]) == ("up", [])
    lab.log.wait_for("EVENT gw1 up by admin")
    lab.place("101")
    assert gw1.users == ["101"] and gw2.users == ["100"]
    assert lab.steps("gw1") == [("up", "down"), ("down", "up")]
    assert {t["source"] for t in lab.history()} == {"admin"}

    # the flags are apart: the operator's word does not clear what traffic found
    gw1.reject(503)
    lab.place_many((102, 103, 104))
    lab.wait_health("gw1", "down")
    lab.rpc("failover_route.set_health", "carriers", "gw1", "down")
    assert sorted(lab.dst("gw1")["sources"]) == ["admin", "traffic"]
    lab.rpc("failover_route.set_health", "carriers", "gw1", "up")
    assert lab.health("gw1") in ("down", "trial") and lab.dst("gw1")["sources"] == ["traffic"]

    assert lab.fault("failover_route.set_health", "carriers", "gw1", "ramp").code == 400
    assert lab.fault("failover_route.set_health", "carriers", "gw7", "up").code == 404
    assert lab.fault("failover_route.set_health", "nobody", "gw1", "up").code == 404
