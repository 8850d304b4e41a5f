"""All destinations get the number as the script had it when it called frt_relay.

tm keeps the request as it was when the transaction was made. A script that changes the
number after that, behind t_newtran, where it goes on after t_suspend, or in a
failure_route, had it for the first destination alone: the next was sent what was dialled.
"""

RELAY = '''if ($rU =~ "^2") {
		async_route("RESUMED", "1");
		exit;
	}
	if ($rU =~ "^1") t_newtran();
	t_on_failure("SEES");
	if ($rU =~ "^4") {
		$rU = "9" + $rU;
		frt_relay("carriers");
		exit;
	}
	if ($rU =~ "^3") {
		t_on_failure("ELSEWHERE");
		frt_relay("carriers");
		exit;
	}
	route(RESUMED);'''
ROUTES = '''route[RESUMED] {
	$rU = "9" + $rU;
	if ($rU =~ "1$") frt_relay("hosts");
	else frt_relay("carriers");
}
failure_route[SEES] { xlog("L_NOTICE", "SEES $rU $T_reply_code\\n"); }
failure_route[ELSEWHERE] {
	xlog("L_NOTICE", "ELSEWHERE $rU\\n");
	$rU = "9" + $rU;
	frt_relay("hosts");
}'''


def story(lab):
    lab.start(modules=["async"], listen="async_workers=1\n",
              modparams='modparam("async", "workers", 1)\n', relay=RELAY, routes=ROUTES)
    gw1, gw2, gw3, gw4 = lab.gateways_named("gw1", "gw2", "gw3", "gw4")
    gw1.reject(503)
    gw3.reject(503)
    for user in "100", "200", "400":
        lab.place(user)
        assert gw1.users[-1] == gw2.users[-1] == f"9{user}"
    for user in "101", "201":
        lab.place(user)
        assert gw3.users[-1] == gw4.users[-1] == f"9{user}"
        assert gw4.calls[-1].uri.startswith(f"sip:9{user}@{gw4.host}")
    gw2.reject(503)
    lab.place("300")
    assert gw1.users[-1] == gw2.users[-1] == "300"
    assert gw3.users[-1] == gw4.users[-1] == "9300"
    assert lab.log.count("ELSEWHERE 300") == 1

    # the failure_route sees what tm has, whatever the end
    lab.place("100", expect=500)
    gw2.reject(486)
    lab.place("100", expect=486)
    assert lab.log.count("SEES") == lab.log.count("SEES 100 (503|486)") == 2
