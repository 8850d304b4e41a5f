"""Where nobody answers the caller gets what tm says then: its reply_408_code and reply_408_reason, which
Kamailio has from 6.0 on. A failure_route is told the same; what a destination has said is none of it,
and comes before it where both are of one class.
"""

PARAMS = '''modparam("tm", "reply_408_code", %d)
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
		xlog("L_NOTICE", "told $T_reply_code of $rU\\n");
	} else if (frt_should_failover() && frt_next()) {
		t_on_failure("FAILED");
		t_relay();
	}
}'''
# codes of the gateways, and who counts of them; 0 is silence
CASES = (((0, 0, 0), 0), ((0, 408, 0), 408), ((480, 0, 0), 480), ((504, 503, 503), 504))
# where silence has a code of 5xx, or 408
OF_5XX = (((0, 500, 0), 500), ((502, 0, 500), 500), ((0, 503, 504), 504), ((0, 0, 404), 404))
OF_4XX = (((0, 500, 0), 0), ((502, 0, 500), 0), ((0, 503, 504), 0), ((0, 0, 404), 404))


def check(lab, silence, cases):
    gws = [lab.gateways[name] for name in ("gw1", "gw2", "gw3")]
    for codes, counts in CASES + cases:
        for gw, code in zip(gws, codes):
            gw.reject(code, {"Reason": f'X;text="{code}"'}) if code else gw.deaf()
        expected = (counts, None) if counts else silence
        for user in "100", "200", "300":
            call = lab.place(user, expect=expected[0])
            assert call.finals == [expected[0]], (codes, user)
            assert not counts or user == "300" or f'"{counts}"' in call.final.get("reason"), (codes, user)
            assert counts or call.final.phrase == silence[1], (codes, user)
        lab.log.wait_for(f"told {expected[0]} of 200")


def story(lab):
    lab.gateways_named("gw1", "gw2", "gw3")
    own = lab.knows("reply_408_code", "tm")
    for code in (504, 503) if own else (408,):
        lab.start(relay=RELAY, routes=ROUTES, modparams=PARAMS % code if own else "")
        check(lab, (code, "Nobody There") if own else (408, "Request Timeout"), OF_5XX if own else OF_4XX)
        lab.stop()
