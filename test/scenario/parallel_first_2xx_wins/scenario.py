"""strategy="parallel": the whole best tier rings at once, and who answers first has the call.

Each branch has its own transport, socket, URI and attributes. The others are cancelled, the
caller gets one answer, and the lower tier hears nothing of it.
"""

RELAY = '''setflag(1);
	t_on_branch("OUT");
	if ($rU == "select") {
		if (!frt_select("carriers")) send_reply("500", "Refused");
		exit;
	}
	if ($rU =~ "^5") $var(set) = "hosts";
	else if ($rU =~ "^6") $var(set) = "many";
	else $var(set) = "carriers";
	t_on_reply("BACK");
	if (!frt_relay("$var(set)")) send_reply("500", "No destination");'''
ROUTES = '''branch_route[OUT] {
	xlog("L_NOTICE", "OUT $frt(id) $xavp(frt=>attr_prefix) $ru\\n");
}
onreply_route[BACK] {
	if (status == "200") xlog("L_NOTICE", "ANSWER $frt(id) $frt(path)\\n");
}'''

ACC = '''modparam("acc", "log_flag", 1)
modparam("acc", "log_extra", "gw=$xavp(frt=>id);path=$xavp(frt=>path)")
'''


def story(lab):
    lab.start(relay=RELAY, routes=ROUTES, modparams=ACC)
    gw1, gw2, gw3, gw4 = gws = lab.gateways_named("gw1", "gw2", "gw3", "gw4")

    # all ring, the second one answers
    gw1.ringing()
    gw2.mode = lambda r: [(0, 180, None), (0.4, 200, None)]
    gw3.ringing()
    call = lab.call("100")
    assert call.wait_final() == 200
    assert gw2.host in call.final.get("contact")
    assert [len(g.calls) for g in gws] == [1, 1, 1, 0]
    assert gw2.calls[0].transport == "tcp"
    assert set(call.codes) == {180, 200} and call.finals == [200]
    lab.wait(lambda: len(gw1.cancels) == len(gw3.cancels) == 1, "CANCEL to the two that ring")
    assert "200" in gw1.cancels[0].get("reason") and gw2.cancels == []
    assert lab.log.count("OUT gw1") == lab.log.count("OUT gw2") == lab.log.count("OUT gw3") == 1
    path = next(line for line in lab.log.lines if "ANSWER" in line)
    assert "ANSWER gw2 " in path and "gw2:200" in path and path.count("+") == 2
    assert "gw1:" not in path and "gw3:" not in path
    lab.log.wait_for("gw=gw2;path=gw")  # as acc sees it
    assert call.bye() == 200 and gw2.count("BYE") == 1
    assert [lab.dst(g.name)["attempts"] for g in gws] == [1, 1, 1, 0]
    assert [lab.dst(g.name)["calls"] for g in gws] == [0] * 4
    assert [lab.dst(g.name)["failovers"] for g in gws] == [0] * 4

    # one that is down is left out, one drained as well: the rest of the tier
    lab.rpc("failover_route.set_health", "carriers", "gw1", "down")
    lab.rpc("failover_route.set_admin", "carriers", "gw3", "drain")
    lab.place("101")
    assert [len(g.calls) for g in gws] == [1, 2, 1, 0]
    answer = lab.explain("carriers")
    assert answer["choice"] == "gw2"
    lab.rpc("failover_route.set_health", "carriers", "gw1", "up")
    lab.rpc("failover_route.set_admin", "carriers", "gw3", "ready")
    answer = lab.explain("carriers")
    assert "all at once" in str(answer) and "3 usable" in str(answer)

    # other requests: whoever says 200 first
    for gw in gws:
        gw.clear()
    gw1.deaf()
    gw2.reject(480)
    gw3.answer()
    assert lab.place("102", method="MESSAGE").finals == [200]
    assert [gw.count("MESSAGE") for gw in (gw1, gw2, gw3, gw4)] == [1, 1, 1, 0]

    # the request goes to each one's own URI, with its own attributes
    gw1.ringing()
    gw3.answer()
    lab.place("501")
    assert gw1.calls[-1].uri == f"sip:501@{gw1.host}" and gw3.calls[-1].uri == f"sip:501@{gw3.host}"
    assert lab.log.count(f"OUT gw1 1 sip:501@{gw1.host}") == 1
    assert lab.log.count(f"OUT gw3 3 sip:501@{gw3.host}") == 1

    # more than max-attempts: as many as that, another two each time
    for gw in (gw1, gw3, gw4):
        gw.answer()
        gw.clear()
    for i in range(24):
        lab.place(str(600 + i))
    rung = [len(g.calls) for g in (gw1, gw3, gw4)]
    assert sum(rung) == 48 and min(rung) >= 4, rung

    # the script cannot do it by steps, and is told so
    lab.allow_log("which only frt_relay can do")
    lab.place("select", expect=500)
    lab.log.wait_for('strategy="parallel", which only frt_relay can do')
