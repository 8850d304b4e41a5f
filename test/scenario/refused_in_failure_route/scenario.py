"""A failure_route to whose last destinations nothing can be sent answers by itself: the XAVP,
and with it acc, says how each of them ended.
"""

RELAY = '''t_on_failure("LAST");
	frt_relay("carriers");'''
ROUTES = '''failure_route[LAST] {
	if ($rU == "100") {
		frt_relay("refusing");
	} else if (frt_select("refusing")) {
		while (!t_relay()) {
			if (!frt_next()) break;
		}
	}
	xlog("L_NOTICE", "AFTER $rU: $xavp(frt=>path)\\n");
	t_reply("480", "Away");
}'''


def story(lab):
    lab.allow_refused()
    lab.allow_log("t_forward_noack failed")
    lab.start(relay=RELAY, routes=ROUTES)
    gw1 = lab.gateway("gw1")
    gw1.reject(503)
    for user in "100", "200":
        assert lab.place(user, expect=480).finals == [480]
        lab.log.wait_for(f"AFTER {user}: gw1:503>gw2:503>gw3:503")
