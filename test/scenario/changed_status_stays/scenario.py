"""A status that an onreply_route has changed is what the caller gets, and what the failure_route is told.

The policy and the path go by what the destination said: the 603 stops the call, the 502 moves it on.
"""
RELAY = '''t_on_reply("MAP");
	t_on_failure("LAST");
	if ($rU =~ "^2") {
		if (frt_select("carriers")) t_relay();
		exit;
	}
	frt_relay("carriers");'''
ROUTES = '''onreply_route[MAP] {
	if ($rs == 603) change_reply_status("486", "All Ours Are Busy");
	else if ($rs == 502) change_reply_status("480", "Gone Away");
	else if ($rs == 484) change_reply_status("500", "Odd Number");
}
failure_route[LAST] {
	if ($rU =~ "^2" && frt_should_failover() && frt_next()) {
		t_on_failure("LAST");
		t_relay();
		exit;
	}
	xlog("L_NOTICE", "LAST for $rU: $T_reply_code\\n");
}'''
#         gateways               answer  phrase
CASES = (((603,), 486, "All Ours Are Busy"), ((503, 603), 486, "All Ours Are Busy"),
         ((503, 484), 500, "Odd Number"), ((502, 502, 502), 480, "Gone Away"),
         ((502, 503, 404), 404, "Not Found"), ((None, 603), 486, None),
         ((502, 503, 503), 480, None))


def story(lab):
    lab.start(modules=["textopsx"], relay=RELAY, routes=ROUTES)
    gws = gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    for i, (codes, answer, phrase) in enumerate(CASES):
        for kind in "12":
            user = f"{kind}{i:02}"
            for gw, code in zip(gws, codes):
                gw.reject(code) if code else gw.deaf()
            call = lab.place(user, expect=answer)
            assert phrase in (None, call.final.start.split(" ", 2)[2]), (user, call.final.start)
            assert call.finals == [answer]
            # a failure_route of the script's own steps sees what the last of them got, as ever
            if kind == "1" or codes[-1] != 503:
                assert lab.log.count(f"LAST for {user}: {answer}") == 1, user
            seen = [len([r for r in gw.calls if r.user == user and not r.retransmission]) for gw in gws]
            assert seen == [1] * len(codes) + [0] * (3 - len(codes)), (user, seen)
            if len(codes) > 1:
                path = ">".join(f"{gw.name}:{code or 408}" for gw, code in zip(gws, codes))
                lab.wait(lambda p=path, c=call: lab.log.count(f"{p}; .*.*{c.call_id}"), path)
    assert lab.log.count("gw1:503>gw2:603; refused 486 by gw2") == 2
