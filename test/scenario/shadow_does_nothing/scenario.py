"""A shadow set computes, logs and tells everything, and acts on none of it.

Not one call is chosen, moved, held back, ramped, refused by the retry budget or sent in
panic because of what health says; trials are decided all the same, so that what is
logged is what would have happened. Events say that they are a shadow's.
"""
import time

RELAY = '''$var(set) = "carriers";
	if ($rU =~ "^9") $var(set) = "blameless";
	if (!frt_relay("$var(set)")) send_reply("500", "No destination");'''
ROUTES = "\n".join(f'''event_route[failover_route:{kind}] {{
	xlog("L_NOTICE", "EV {kind} dst=$frt(event.destination) why=$frt(event.reason)\\n");
}}''' for kind in ("dst-down", "dst-up", "set-down", "set-up", "failback", "panic-on"))


def story(lab):
    lab.start(relay=RELAY, routes=ROUTES, before='if (frt_is_up("carriers", "gw1")) '
                                                 'xlog("L_NOTICE", "GW1 IS UP for $rU\\n");')
    gw1, gw2 = lab.gateways_named("gw1", "gw2")

    # a budget of none at all, once what was saved up is gone, refuses no failover
    gw1.reject(503)
    lab.place_many(range(900, 980), method="MESSAGE")
    assert gw2.count("MESSAGE") == 80 and lab.health("gw1", "blameless") == "up"
    assert 'retries_refused_total{set="blameless"} 20' in lab.rpc("failover_route.metrics")

    # choice
    lab.place_many(range(100, 180))
    assert len(gw1.calls) == len(gw2.calls) == 80
    lab.log.wait_for(r"EV dst-down dst=gw1 why=.*\(shadow: not acted on\)")
    downs = lab.log.count("EV dst-down dst=gw1")

    # trials and ramp are computed as they would be
    gw1.answer()
    lab.wait(lambda: lab.place("200") and lab.health("gw1") == "ramp", "gw1 on its ramp")
    gw1.clear(), gw2.clear()
    lab.place_many(range(200, 230))
    assert len(gw1.calls) == 30 and gw2.calls == []
    lab.log.wait_for(r"EV dst-up dst=gw1 why=.*shadow")
    lab.wait_health("gw1", "up", limit=20)
    assert ("trial", "ramp") in lab.steps("gw1") and ("ramp", "up") in lab.steps("gw1")

    # rescue: who waits there waits
    gw1.mode = lambda r: [(4.0, 180, None), (4.1, 200, None)]
    call = lab.call("300")
    gw1.wait_calls(31)
    lab.rpc("failover_route.set_health", "carriers", "gw1", "down")
    time.sleep(0.5)
    assert gw2.calls == [] and call.codes == []
    assert call.wait_final() == 200 and call.finals == [200]
    call.bye()
    assert lab.dst("gw1")["rescued"] == 0

    # all down: no panic, no set-down, the better tier first as ever
    lab.rpc("failover_route.set_health", "carriers", "gw2", "down")
    gw1.answer()
    gw1.clear()
    lab.place_many(range(400, 410))
    assert len(gw1.calls) == 10 and gw2.calls == []
    assert lab.log.count(r"GW1 IS UP for 40\d") == 10  # what frt_is_up is asked for: may calls go
    assert lab.log.count("EV set-down") == lab.log.count("EV panic-on") == 0
    told = lab.explain()
    assert told["choice"] == "gw1" and "panic" not in told["why"]
    first = told["destinations"][0]
    assert first["usable"] == 1 and "shadow: gets calls all the same" in first["why"]
    assert lab.log.count("EV dst-down dst=gw1") == downs + 1
    assert all("shadow" in t["reason"] for t in lab.history("carriers")
               if t["destination"] and t["to"] in ("up", "down", "trial", "ramp"))

    # the operator's drain counts
    lab.rpc("failover_route.set_admin", "carriers", "gw1", "drain")
    lab.place("500")
    assert lab.log.count("GW1 IS UP for 500") == 0
    assert len(gw1.calls) == 10 and len(gw2.calls) == 1
