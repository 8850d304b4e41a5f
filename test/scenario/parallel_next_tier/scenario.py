"""When all of a tier have failed, the next one is tried, again all of it at once.

Not before the last of them has; not after a refusal, ringing or a 6xx; no further than
max-attempts; and the caller gets the best answer of all.
"""

RELAY = '''t_on_branch("SLOW");
	t_on_failure("DONE");
	if (!frt_relay("carriers")) send_reply("500", "No destination");'''
ROUTES = '''branch_route[SLOW] {
	if ($rU == "130" && $frt(attempt) == 2) usleep("300000");
}
failure_route[DONE] {
	xlog("L_NOTICE", "DONE $rU $frt(path) $frt(reason) ($T_reply_code)\\n");
}
event_route[failover_route:failover] {
	xlog("L_NOTICE", "FAILOVER $frt(event.from) to $frt(event.to): $frt(event.reason)\\n");
}'''


def story(lab):
    lab.start(relay=RELAY, routes=ROUTES, modules=["cfgutils"])
    lab.allow_refused()
    gws = lab.gateways_named("gw1", "gw2", "gw3", "gw4", "gw5", "gw6")
    gw1, gw2, gw3, gw4, gw5, gw6 = gws

    def rung():
        answer = [len(g.calls) for g in gws]
        for gw in gws:
            gw.clear()
        return answer

    # 503 at once and silence: the second tier after the silence, both at once
    gw1.reject(503)
    gw2.deaf()
    gw3.ringing()
    call = lab.place("100")
    assert rung() == [1, 1, 1, 1, 0, 0] and call.finals == [200]
    assert call.final_ms > 400 and gw4.host in call.final.get("contact")
    assert [lab.dst(g.name)["failovers"] for g in gws] == [1, 1, 0, 0, 0, 0]
    assert [lab.dst(g.name)["failovers_to"] for g in gws] == [0, 0, 1, 1, 0, 0]
    assert lab.set()["destinations"][0]["failed"] == 1
    lab.log.wait_for("FAILOVER gw")
    assert lab.log.count("FAILOVER gw") == 1

    # at once, where all say so at once; a refused connection is one of them
    gw2.reject(480)
    gw3.answer()
    gw4.close()
    lab.wait_closed(gw4)
    call = lab.place("101")
    assert rung()[:3] == [1, 1, 1] and call.finals == [200] and call.final_ms < 450
    assert lab.dst("gw4")["failed"] == 1

    # max-attempts: five, so one of the third tier
    gw3.reject(503)
    gw5.reject(503)
    gw6.reject(404)
    for user in range(102, 112):
        call = lab.call(str(user))
        call.wait_final()
        assert call.finals in ([404], [480]), call.finals
    counts = rung()
    assert counts[:3] == [10, 10, 10] and counts[4] + counts[5] == 10
    lab.log.wait_for("DONE 111")
    done = [line.split("DONE ")[1] for line in lab.log.lines if "DONE 1" in line]
    for line in done:
        path = line.split()[1]
        tiers = [sorted(tier.split("+")) for tier in path.split(">")]
        assert tiers[:2] == [["gw1:503", "gw2:480"], ["gw3:503", "gw4:503"]]
        assert tiers[2] in (["gw5:503"], ["gw6:404"])

    # a refusal stops the call, but not before the others have had their say
    gw4.open()
    gw1.reject(486)
    gw2.mode = lambda r: [(0, 180, None), (0.3, 200, None)]
    assert lab.place("120").finals == [200]
    gw2.reject(503, delay=0.2)
    assert lab.place("121", expect=486).finals == [486]
    assert rung() == [2, 2, 0, 0, 0, 0]
    lab.log.wait_for("DONE 121")
    assert any("DONE 121" in line and " 486 (" in line for line in lab.log.lines)

    # the first one's refusal comes before the second one is on its way
    seen = []
    gw1.mode = gw2.mode = lambda r: \
        [(0.2, 200, None)] if seen.append(r) or len(seen) > 1 else [(0, 503, None)]
    lab.place("130")
    assert rung() == [1, 1, 0, 0, 0, 0]

    # one rang and was not answered: nobody else's phone rings
    gw1.ringing()
    gw2.reject(503)
    assert lab.place("122", expect=408).finals == [408]
    assert rung() == [1, 1, 0, 0, 0, 0]

    # a 6xx is final for all
    gw1.reject(603, delay=0.1)
    gw2.ringing()
    assert lab.place("123", expect=603).finals == [603]
    assert rung() == [1, 1, 0, 0, 0, 0]

    # the set itself forks again when the script's failure route asks for it
    assert [lab.dst(g.name)["calls"] for g in gws] == [0] * 6
