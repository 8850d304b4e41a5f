"""Where nobody answers the caller gets what tm says then: its reply_408_code and reply_408_reason, which
Kamailio has from 6.0 on. A failure_route is told the same; what a destination has said is none of it.
"""

PARAMS = '''modparam("tm", "reply_408_code", 504)
modparam("tm", "reply_408_reason", "Nobody There")
'''
RELAY = '''if ($rU =~ "^[23]") t_on_failure("FAILED");
	if ($rU =~ "^3") {
		if (frt_select("carriers")) t_relay();
		exit;
	}
	if (!frt_relay("carriers")) send_reply("500", "No destination");'''
ROUTES = '''failure_route[FAILED] {
	if ($rU =~ "^2") {
		if (t_check_status("504")) xlog("L_NOTICE", "told 504 of $rU\\n");
		if (t_check_status("408")) xlog("L_NOTICE", "told 408 of $rU\\n");
	} else if (frt_should_failover() && frt_next()) {
		t_on_failure("FAILED");
		t_relay();
	}
}'''


def story(lab):
    own = lab.knows("reply_408_code", "tm")
    silence = (504, "Nobody There") if own else (408, "Request Timeout")
    lab.start(relay=RELAY, routes=ROUTES, modparams=PARAMS if own else "")
    gws = lab.gateways_named("gw1", "gw2", "gw3")

    def answer_to(user, *codes):
        for gw, code in zip(gws, codes):
            gw.reject(code) if code else gw.deaf()
        call = lab.place(user, expect=expected(codes))
        return call.final.code, call.final.phrase

    def expected(codes):
        return next((c for c in codes if c), silence[0])

    assert answer_to("100", 0, 0, 0) == silence
    assert answer_to("200", 0, 0, 0) == silence
    lab.log.wait_for(f"told {silence[0]} of 200")
    assert answer_to("300", 0, 0, 0) == silence
    # what a destination says is its own
    assert answer_to("101", 0, 408, 0)[0] == 408
    assert answer_to("201", 480, 0, 0)[0] == 480
    assert lab.log.count("told") == 1
    assert lab.dst("gw3")["timeouts"] == 5
