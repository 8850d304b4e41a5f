"""Routes that the script arms for the branches of frt_relay.

A failure_route armed in a branch_route runs when frt_relay has given up, and not after
each attempt beside the next one; a branch-failure route is run for each attempt, as the
branch_route is. One that is armed before a frt_relay which reaches nobody is run for what the
script then sends by itself.
"""

RELAY = '''t_on_branch("EACH");
	if ($rU =~ "^3") {
		t_on_branch_failure("own");
		t_on_failure("TOLD");
	}
	if ($rU =~ "^2") t_on_branch_failure("each");
	if ($rU =~ "^4") {
		t_on_branch_failure("told");
		t_on_failure("REFUSED");
	}
	if (!frt_relay("carriers")) send_reply("500", "No destination");'''
ROUTES = '''branch_route[EACH] {
	if ($rU =~ "^1") t_on_failure("LAST");
}
event_route[tm:branch-failure:each] {
	xlog("L_NOTICE", "EACH $rU $frt(id) $T_reply_code\\n");
	if ($rU =~ "^21") t_on_branch_failure("other");
}
event_route[tm:branch-failure:other] { xlog("L_NOTICE", "OTHER $rU $frt(id)\\n"); }
event_route[tm:branch-failure:own] {
	append_branch("sip:$rU@${gw8}");
	t_relay();
}
event_route[tm:branch-failure:told] { xlog("L_NOTICE", "BRANCH $rU $T_reply_code\\n"); }
branch_route[OWN] { append_hf("X-Own: $rU\\r\\n"); }
failure_route[REFUSED] {
	t_on_branch("OWN");
	if ($rU == "401") t_on_branch_failure("other");
	if (!frt_relay("refusing")) {
		$du = "sip:${gw9}";
		t_relay();
	}
}
failure_route[TOLD] { xlog("L_NOTICE", "TOLD $rU $T_reply_code\\n"); }
failure_route[LAST] {
	xlog("L_NOTICE", "LAST $rU $T_reply_code\\n");
	$du = "sip:${gw9}";
	t_relay();
}'''


def story(lab):
    lab.start(modules=["corex"], relay=RELAY, routes=ROUTES)
    lab.allow_refused()
    gw1, gw2, gw3, mailbox = lab.gateways_named("gw1", "gw2", "gw3", "gw9")
    gw1.reject(503)
    gw2.reject(503)
    assert lab.place("100").finals == [200]
    assert gw3.users == ["100"] and mailbox.calls == []
    assert lab.log.count("LAST") == 0

    gw3.reject(486)
    assert lab.place("101").finals == [200]
    assert gw3.users == ["100", "101"] and mailbox.users == ["101"]
    assert lab.log.count("LAST") == lab.log.count("LAST 101 486") == 1

    gw2.blackhole()
    assert lab.place("200", expect=486).finals == [486]
    for told in "gw1 503", "gw2 408", "gw3 486":
        assert lab.log.count(f"EACH 200 {told}") == 1, told
    assert lab.place("210", expect=486).finals == [486]
    assert lab.log.count("EACH 210") == lab.log.count("EACH 210 gw1") == 1
    assert [lab.log.count(f"OTHER 210 gw{n}") for n in (1, 2, 3)] == [0, 1, 1]

    # a branch that the script adds there is its own, and the route that it has armed is run
    gw8 = lab.gateway("gw8")
    gw8.reject(404)
    asked = len(gw1.calls)
    assert lab.place("300", expect=404).finals == [404]
    assert len(gw1.calls) == asked + 1 and gw8.users == ["300"]
    assert lab.log.count("TOLD") == lab.log.count("TOLD 300 404") == 1

    asked = len(mailbox.calls)
    mailbox.reject(404)
    for user in "400", "401":
        assert lab.place(user, expect=404).finals == [404]
        assert mailbox.calls[-1].get("x-own") == user
    assert len(mailbox.calls) == asked + 2
    assert [lab.log.count(f"BRANCH {user} 404") for user in ("400", "401")] == [0, 0]
    assert [lab.log.count(f"OTHER {user}") for user in ("400", "401")] == [0, 1]
