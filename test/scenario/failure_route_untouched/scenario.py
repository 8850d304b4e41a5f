"""Where frt_relay has found nobody, the script's failure_route has the request as it was.

The last one that was tried refused the connection. What it was pointed at, $du and $ru, is not
where the script's own way out goes: neither after frt_relay has given up, nor where the
failure_route has asked frt_relay itself; and what it has set before that is still to be sent to.
"""
RELAY = '''$var(by) = "";
	if ($rU =~ "^.1") $var(by) = "_by_du";
	if ($rU =~ "^2") {
		t_on_failure("ASK");
		frt_select("one");
		t_relay();
		exit;
	}
	if ($rU =~ "^3") {
		t_on_failure("AHEAD");
		frt_select("one");
		t_relay();
		exit;
	}
	t_on_failure("OUT");
	if (!frt_relay("two$var(by)")) send_reply("500", "None");'''
ROUTES = '''route[OUT] {
	if ($rU =~ "1$") {
		$du = "sip:${gw9}";
	} else {
		$ru = "sip:voicemail@${gw9}";
	}
	t_relay();
	exit;
}
failure_route[OUT] { route(OUT); }
failure_route[ASK] {
	$du = $null;
	$var(by) = "";
	if ($rU =~ "^.1") $var(by) = "_by_du";
	if (!frt_relay("refusing$var(by)")) route(OUT);
}
failure_route[AHEAD] {
	$var(by) = "";
	if ($rU =~ "^.1") $var(by) = "_by_du";
	$du = $null;
	$ru = "sip:voicemail@${gw9}";
	if (!frt_relay("refusing$var(by)")) t_relay();
}'''


def story(lab):
    lab.start(relay=RELAY, routes=ROUTES)
    lab.allow_refused()
    lab.allow_log("t_forward_noack failed")
    gw1, gw2, voicemail = lab.gateways_named("gw1", "gw2", "gw9")
    gw1.reject(503)
    gw2.close()
    seen, wanted = {}, {}
    for user in ("100", "101", "110", "111", "200", "201", "210", "211", "300", "310"):
        call = lab.call(user)
        call.wait_final()
        uri = voicemail.calls[-1].uri if voicemail.calls else ""
        voicemail.clear()
        seen[user] = (call.finals, uri)
        wanted[user] = ([200], f"sip:{user}@{lab.slot.kam}:5060" if user.endswith("1")
                        else f"sip:voicemail@{voicemail.host}")
    assert seen == wanted
