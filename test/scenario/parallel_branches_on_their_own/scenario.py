"""Each branch of a parallel call has its own timers, its own fate, and disturbs no other.

Rescue, a closed connection, the progress-timeout and a trial's token each concern one
branch; the call stays with those that are left, and moves on when none is.
"""
RELAY = '''if ($rU =~ "^7") $var(set) = "strict";
	else if ($rU =~ "^9") $var(set) = "capped";
	else if ($rU =~ "^8") $var(set) = "learned";
	else $var(set) = "carriers";
	t_on_reply("BACK");
	if (!frt_relay("$var(set)")) send_reply("500", "No destination");'''
ROUTES = '''onreply_route[BACK] {
	if (status != "100") xlog("L_NOTICE", "REPLY $rs of $frt(id) at $frt(path)\\n");
}'''


def story(lab):
    lab.start(relay=RELAY, routes=ROUTES)
    lab.allow_refused()
    gw1, gw2, gw3, gw4 = gws = lab.gateways_named("gw1", "gw2", "gw3", "gw4")

    # one of two goes down while it is silent: its branch ends, the other one rings on
    gw1.deaf()
    gw2.mode = lambda r: [(0, 180, None), (4.0, 200, None)]
    call = lab.call("100")
    gw1.wait_calls(1)
    call.wait_code(180)
    lab.rpc("failover_route.set_health", "carriers", "gw1", "down")
    lab.wait(lambda: lab.dst("gw1")["calls"] == 0, "gw1's branch has ended")
    told = lab.dst("gw1")
    assert (told["failed"], told["timeouts"], told["failovers"]) == (0, 0, 0)
    assert call.status is None and gw3.requests == gw4.requests == []
    assert call.wait_final() == 200 and gw2.host in call.final.get("contact")
    assert call.finals == [200] and call.bye() == 200
    lab.rpc("failover_route.set_health", "carriers", "gw1", "up")
    assert lab.log.count("REPLY 180 of gw2") == 1 and lab.log.count("REPLY 200 of gw2") == 1

    # its TCP connection closes
    gw1.mode = lambda r: [(0, 180, None), (3.0, 200, None)]
    gw2.deaf()
    call = lab.call("101")
    gw2.wait_calls(2)
    gw2.close()
    lab.wait(lambda: lab.dst("gw2")["calls"] == 0, "gw2's branch has ended")
    assert call.wait_final() == 200 and call.finals == [200] and call.bye() == 200
    assert gw3.requests == gw4.requests == []

    # both of them silent: on to the next tier when the second one has gone, too
    gw2.open()
    gw1.deaf()
    gw1.clear()
    gw2.clear()
    gw3.mode = lambda r: [(0, 180, None), (0.3, 200, None)]
    gw4.ringing()
    call = lab.call("102")
    gw1.wait_calls(1)
    gw2.wait_calls(1)
    lab.rpc("failover_route.set_health", "carriers", "gw1", "down")
    lab.wait(lambda: lab.dst("gw1")["calls"] == 0, "gw1's branch has ended")
    assert gw3.requests == gw4.requests == []
    lab.rpc("failover_route.set_health", "carriers", "gw2", "down")
    assert call.wait_final() == 200 and call.final_ms < 7500
    assert len(gw3.calls) == len(gw4.calls) == 1 and call.finals == [200]
    assert gw3.host in call.final.get("contact") and call.bye() == 200
    for name in ("gw1", "gw2"):
        lab.rpc("failover_route.set_health", "carriers", name, "up")

    # the progress-timeout: 100 and then nothing has failed, the one that rings has not
    gw1.mode = lambda r: [(0, 100, None)]
    gw2.mode = lambda r: [(0.3, 180, None), (6.0, 200, None)]
    before = lab.dst("gw1")["timeouts"]
    call = lab.call("103")
    call.wait_code(180)
    lab.wait(lambda: lab.dst("gw1")["timeouts"] == before + 1, "gw1's silence counted", limit=8)
    assert call.status is None
    assert call.wait_final() == 200 and gw2.host in call.final.get("contact")
    assert lab.dst("gw2")["timeouts"] == 0 and call.bye() == 200

    # ... and it is no longer because the other one has rung before
    gw1.mode = lambda r: [(0.3, 100, None)]
    gw2.mode = lambda r: [(0, 180, None), (6.0, 200, None)]
    call = lab.call("104")
    lab.wait(lambda: lab.dst("gw1")["timeouts"] == before + 2, "gw1's silence counted", limit=8)
    assert call.status is None
    assert call.wait_final() == 200 and gw2.host in call.final.get("contact")
    assert call.finals == [200] and call.bye() == 200

    # on trial: one call at a time has it beside the others; who loses gives the token back
    gw3.reject(503)
    gw4.answer()
    lab.place("700")
    lab.wait_health("gw3", "down", "strict")
    gw3.deaf()
    lab.wait_health("gw3", "trial", "strict")
    gw3.clear()
    gw4.mode = lambda r: [(0, 180, None), (3.0, 200, None)]
    first = lab.call("701")
    gw3.wait_calls(1)
    second = lab.call("702")
    for call in (first, second):
        assert call.wait_final() == 200 and call.bye() == 200
    assert len(gw3.calls) == 1 and lab.health("gw3", "strict") == "trial"
    gw3.answer()
    gw4.ringing()
    lab.place("703")
    lab.wait_health("gw3", "up", "strict")

    # a full one is left out, and who loses gives its place back when it loses
    for gw in gws:
        gw.clear()
    gw1.ringing()
    gw4.mode = lambda r: [(0, 180, None), (3.0, 200, None)] if r.user == "900" else [(0, 180, None)]
    first = lab.call("900")
    gw1.wait_calls(1)
    second = lab.call("901")
    second.wait_code(180)
    assert gw1.users == ["900"] and sorted(gw4.users) == ["900", "901"]
    assert first.wait_final() == 200
    gw4.ringing()
    third = lab.call("902")
    gw1.wait_calls(2)
    assert gw1.users == ["900", "902"]
    third.wait_code(180)
    assert second.cancel() == third.cancel() == 200
    assert second.wait_final() == third.wait_final() == 487 and first.bye() == 200
    lab.wait(lambda: [lab.dst(n, "capped")["calls"] for n in ("gw1", "gw4")] == [0, 0], "no call")

    # learned timeouts: the quick one's is not the slow one's
    gw3.ringing()
    gw4.mode = lambda r: [(3.0, 180, None), (3.1, 200, None)]
    for users in (range(800, 812), range(820, 824)):
        calls = [lab.call(str(user)) for user in users]
        for call in calls:
            assert call.wait_final() == 200 and call.finals == [200] and call.bye() == 200
        gw3.deaf()
    ways = [line.split(" at ")[1] for line in lab.log.lines if "REPLY 180 of gw4 at" in line]
    assert len(ways) >= 4 and all("gw3:408" in way for way in ways[-4:])
    assert lab.dst("gw4", "learned")["timeouts"] == 0
    assert [lab.dst(g.name)["calls"] for g in gws] == [0] * 4
    assert [lab.dst(n, "strict")["calls"] for n in ("gw3", "gw4")] == [0, 0]
