"""After frt_relay has given up, a failure_route goes on in steps: frt_select, frt_next.

What the script relays then is an attempt like any other: judged, counted, part of the
path, its place given back, and no failover that frt_relay would make by itself.
"""

RELAY = '''t_on_failure("LAST");
	if (!frt_relay("carriers")) send_reply("500", "No destination");'''
ROUTES = '''failure_route[LAST] {
	if ($rU == "200") {
		$du = "sip:${gw3}";
		t_on_failure("OWN");
		t_relay();
		exit;
	}
	if (!frt_select("backup")) exit;
	t_on_failure("STEP");
	t_relay();
}
failure_route[STEP] {
	xlog("L_NOTICE", "STEP for $rU after $xavp(frt=>path)\\n");
	if (frt_should_failover() && frt_next()) {
		t_on_failure("STEP");
		t_relay();
	}
}
failure_route[OWN] { xlog("L_NOTICE", "OWN for $rU after $xavp(frt=>path)\\n"); }'''


def counted(lab, name, set_id="backup"):
    told = lab.dst(name, set_id)
    return [told[n] for n in ("attempts", "ok", "failed", "calls")]


def story(lab):
    lab.start(relay=RELAY, routes=ROUTES)
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    gw1.reject(503)
    assert lab.place("100").finals == [200]
    lab.wait(lambda: counted(lab, "gw2") == [1, 1, 0, 0], "gw2's call was counted")
    assert counted(lab, "gw1", "carriers") == [1, 0, 1, 0]

    gw2.reject(503)
    assert lab.place("101").finals == [200]
    assert lab.log.count("STEP for 101 after gw1:503>gw2:503") == 1
    lab.wait(lambda: counted(lab, "gw3") == [1, 1, 0, 0], "gw3's call was counted")
    assert counted(lab, "gw2") == [2, 1, 1, 0]

    gw2.blackhole()
    gw3.reject(486)
    assert lab.place("102", expect=486).finals == [486]
    assert lab.log.count("STEP for 102 after gw1:503>gw2:408>gw3:486") == 1
    lab.wait(lambda: counted(lab, "gw3") == [2, 2, 0, 0], "gw3's refusal was counted")
    assert counted(lab, "gw2") == [3, 1, 2, 0]
    assert lab.log.count("STEP for") == 3
    assert [len(g.calls) for g in (gw1, gw2, gw3)] == [3, 3, 2]

    gw3.reject(503)  # what it relays without us has its route as well
    assert lab.place("200", expect=500).finals == [500]
    assert lab.log.count("OWN for 200 after gw1:503") == 1 and len(gw3.calls) == 3
