"""When everything is down, calls are tried all the same, and the first good one ends it.

Never black-hole (design section 7): both gateways refuse until they are down; then each
call still reaches the least recently failed one, and a success brings it back at once.
What the operator took out, and what sent a Retry-After, is left alone. The log, event
routes, history, metrics and explain say when it begins and ends.
"""

ROUTES = "\n".join(f'''event_route[failover_route:{kind}] {{
	xlog("L_NOTICE", "EV {kind} set=$frt(event.set) $frt(event.from)->$frt(event.to)"
		" why=$frt(event.reason)\\n");
}}''' for kind in ("panic-on", "panic-off"))


def panics(lab):
    """What was told of panic, oldest first; the event routes must have run as often."""
    def agreed():
        told = [t["event"] for t in reversed(lab.history("carriers"))
                if t["event"].startswith("panic-")]
        ran = {kind: lab.log.count(f"EV {kind} set=carriers ") for kind in ("panic-on", "panic-off")}
        return told if all(told.count(kind) == n for kind, n in ran.items()) else None
    return lab.wait(agreed, "the event routes have run as often as the history says")


def gauge(lab):
    return 'failover_route_set_panic{set="carriers"} 1' in lab.rpc("failover_route.metrics")


def story(lab):
    lab.start(routes=ROUTES)
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
    chosen = next(d for d in told["destinations"] if d["id"] == told["choice"])
    assert chosen["why"].startswith("would be tried all the same; down (traffic)")
    assert "drain" in told["destinations"][2]["why"]
    assert panics(lab) == ["panic-on"] and gauge(lab)
    begun = next(t for t in lab.history("carriers") if t["event"] == "panic-on")
    assert (begun["from"], begun["to"], begun["destination"]) == ("normal", "panic", "")
    assert "least recently failed" in begun["reason"]

    gw1.clear(), gw2.clear()
    assert lab.place("103", expect=500).finals == [500]
    assert len(gw1.calls) == 1 and len(gw2.calls) == 1  # tried, once each
    gw2.answer()
    assert lab.place("104").finals == [200]
    lab.wait(lambda: lab.health("gw2") in ("up", "ramp"), "gw2 is back")
    lab.log.wait_for(r"carriers panic is over: a destination is usable again")
    assert panics(lab) == ["panic-on", "panic-off"] and not gauge(lab)
    assert lab.health("gw1") == "down" and len(gw3.calls) == 0

    gw2.reject(503, {"Retry-After": "60"})  # it asked to be left alone
    lab.place("105", expect=500)
    gw1.clear(), gw2.clear()
    lab.place("106", expect=500)
    assert len(gw2.calls) == 0 and len(gw1.calls) == 1
    assert panics(lab) == ["panic-on", "panic-off", "panic-on"]

    # the operator takes the last one out that may be tried: no panic, the set stays down
    lab.rpc("failover_route.set_admin", "carriers", "gw1", "maint")
    assert panics(lab)[-1] == "panic-off" and lab.set()["health"] == "down"
    lab.log.wait_for(r"carriers panic is over: no destination is left that may be tried")
    assert lab.explain()["why"] == "no destination is usable" and not gauge(lab)
    gw1.clear()
    lab.place("107", expect=500)
    assert gw1.calls == gw2.calls == []

    # it is back, is tried, and asks for peace, which is over before its hold is
    lab.rpc("failover_route.set_admin", "carriers", "gw1", "ready")
    assert panics(lab)[-1] == "panic-on" and gauge(lab)
    gw1.reject(503, {"Retry-After": "5"})
    lab.place("108", expect=500)
    assert len(gw1.calls) == 1
    assert panics(lab)[-1] == "panic-off" and not gauge(lab)
    before = len(panics(lab))
    lab.wait(lambda: len(panics(lab)) > before, "panic once Retry-After is over", limit=30)
    assert panics(lab)[-1] == "panic-on" and lab.dst("gw1")["hold_ms"] > 10000

    # nor is what the operator says is down, though health knows it for down already
    lab.rpc("failover_route.set_health", "carriers", "gw1", "down")
    assert panics(lab)[-1] == "panic-off" and not gauge(lab)
