"""What a destination has said stays the answer where the next one cannot even be reached.

A failure_route goes on by frt_relay, of a call that frt_relay or the script has sent, or by
frt_next: tm drops earlier replies for a branch that did not get out, and would answer 500.
"""
RELAY = '''if ($rU =~ "^3") {
		t_on_failure("STEP");
		if (!frt_select("two") || !t_relay()) send_reply("500", "None");
		exit;
	}
	t_on_failure("BACKUP");
	if ($rU =~ "^2") {
		if (!frt_select("one") || !t_relay()) send_reply("500", "None");
		exit;
	}
	if (!frt_relay("one")) send_reply("500", "None");'''
ROUTES = '''failure_route[BACKUP] {
	frt_relay("backup");
	exit;
}
failure_route[STEP] {
	if (!frt_next()) exit;
	if (!t_relay()) frt_next();
	exit;
}'''


def story(lab):
    lab.start(relay=RELAY, routes=ROUTES)
    lab.allow_refused()
    lab.allow_log("tcp_send failed", "t_forward_noack failed")
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw2.close()
    seen = {}
    for user in ("100", "200", "300"):
        for code in (486, 480, 404, 603):
            gw1.reject(code, {"X-From": "gw1"})
            call = lab.call(user)
            call.wait_final()
            seen[user, code] = (call.finals, call.final.get("x-from"))
    assert seen == {key: ([key[1]], "gw1") for key in seen}
    assert lab.dst("gw2", "backup")["failed"] == 8 and lab.dst("gw2", "two")["failed"] == 4
