"""What a failure_route, or a branch-failure route, relays by itself has tm's timers, or those
that the script has set, and its failure_route.

It had those of the last destination tried: a mailbox that answers after a second was
cancelled at the try-timeout of a gateway, or at its progress-timeout.
"""

RELAY = '''if ($rU =~ "^3") t_newtran();
	if ($rU =~ "^3") t_set_fr("20000", "1000");
	t_on_failure("MAILBOX");
	if ($rU =~ "^2") {
		t_on_failure("STEP");
		if (frt_select("carriers")) t_relay();
		exit;
	}
	if ($rU =~ "^5") t_on_branch_failure("VOICE");
	frt_relay("carriers");'''
ROUTES = '''failure_route[STEP] {
	if (frt_should_failover() && frt_next()) {
		t_on_failure("STEP");
		t_relay();
		exit;
	}
	route(MAILBOX);
}
failure_route[MAILBOX] {
	if ($rU =~ "^4") {
		t_set_fr("20000", "1000");
		t_on_failure("LAST");
		if ($rU == "400") frt_relay("second");
		else if (frt_select("second")) t_relay();
		exit;
	}
	if ($rU =~ "5$") {
		t_on_failure("LATE");
		frt_relay("refused");
	}
	route(MAILBOX);
}
event_route[tm:branch-failure:VOICE] {
	append_branch("sip:$rU@${gw9}");
	t_relay();
}
failure_route[LAST] { route(MAILBOX); }
route[MAILBOX] {
	$du = "sip:${gw9}";
	t_relay();
}
failure_route[LATE] { xlog("L_NOTICE", "LATE $rU $T_reply_code\\n"); }'''


def story(lab):
    lab.allow_refused()
    lab.allow_log("t_forward_nonack")
    lab.start(modules=["corex"], relay=RELAY, routes=ROUTES)
    gw1, gw2, gw4, mailbox = lab.gateways_named("gw1", "gw2", "gw4", "gw9")
    gw1.reject(503)
    gw4.reject(503)
    gw2.reject(486)
    for answer in ([(0.5, 180, None), (0.53, 200, None)], [(0, 100, None), (0.8, 200, None)]):
        mailbox.mode = lambda r, a=answer: a
        lab.place("100"), lab.place("200"), lab.place("105"), lab.place("500")
    gw2.reject(503)
    lab.place("101"), lab.place("201")
    assert len(mailbox.calls) == 10 and mailbox.cancels == []

    mailbox.reject(404)  # and the failure_route that it has armed
    lab.place("115", expect=404)
    assert lab.log.count("LATE") == lab.log.count("LATE 115 404") == 1

    mailbox.blackhole()  # tm's own would take 30 s
    for user in "300", "400", "401":
        lab.place(user, expect=408)
