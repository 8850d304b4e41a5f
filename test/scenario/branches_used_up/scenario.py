"""tm has so many branches for a call (max_branches), the script's own among them, and no more.

Where none is left nobody else is tried: that could not be sent. In one line and in steps.
"""

RELAY = '''if ($rU =~ "5$") append_branch("sip:own@${gw5}");
	if ($rU =~ "^1") {
		if (!frt_relay("carriers")) send_reply("500", "No destination");
	} else {
		t_on_failure("STEP");
		if (frt_select("carriers")) t_relay();
	}'''
ROUTES = '''failure_route[STEP] {
	t_on_failure("STEP");
	if (frt_next()) t_relay();
	else xlog("L_NOTICE", "NONE $rU $retcode\\n");
}'''


def story(lab):
    lab.start(relay=RELAY, routes=ROUTES, modules=["corex"], listen="max_branches=3\n")
    gws = lab.gateways_named("gw1", "gw2", "gw3", "gw4", "gw5")
    for gw in gws:
        gw.reject(503)
    gws[0].reject(480)
    for user, tried in (("10", 3), ("20", 3), ("15", 2), ("25", 2)):
        assert (user, lab.place(user, expect=480).finals) == (user, [480])
        told = [lab.dst(gw) for gw in ("gw1", "gw2", "gw3", "gw4")]
        assert [user in gw.users for gw in gws[:4]] == [n < tried for n in range(4)]
    assert [d["attempts"] for d in told] == [4, 4, 2, 0]
    assert [d["failed"] for d in told] == [4, 4, 2, 0] and gws[4].users == ["own"] * 2
    assert lab.log.count("NONE 20 -9") == lab.log.count("NONE 25 -9") == 1
