"""A branch of the script's own: beside ours it stops no failover, after ours it is the answer.

In steps and with frt_relay. What the destinations said before the script went on by
itself is not what the caller gets: neither an old 302 or 407, nor a 500 made of a 503.
"""

RELAY = '''if ($rU =~ "^1") {
		t_on_failure("STEP");
		if (frt_select("carriers")) t_relay();
		exit;
	}
	if ($rU =~ "^4") {
		append_branch("sip:$rU@${gw3}");
		t_on_branch("EACH");
		t_on_failure("STEP");
		$var(set) = "carriers";
		if ($rU == "401") $var(set) = "unreachable";
		if ($rU == "402") $var(set) = "unanswered";
		if (frt_select("$var(set)")) t_relay();
		exit;
	}
	if ($rU =~ "^3" && $rU != "314") append_branch("sip:$rU@${gw3}");
	t_on_failure("LAST");
	if ($rU =~ "^3(09|13)$") {
		$var(set) = "unsendable";
		if ($rU == "313") $var(set) = "unreachable";
		frt_relay("$var(set)");
		exit;
	}
	$var(set) = "carriers";
	if ($rU == "312") $var(set) = "unanswered";
	t_on_branch("EACH");
	if (!frt_relay("$var(set)")) send_reply("500", "No destination");'''
ROUTES = '''failure_route[STEP] {
	t_on_failure("STEP");
	if (frt_should_failover() && frt_next()) {
		t_relay();
		exit;
	}
	t_on_failure("OWN");
	$du = "sip:${gw3}";
	t_relay();
}
branch_route[EACH] { if ($rU =~ "^(308|400)$" && $du =~ "${gw1}") drop; }
failure_route[LAST] {
	if ($rU == "313") t_reply("404", "Its last word");
	if ($rU == "314") {
		t_on_failure("OWN");
		append_branch("sip:$rU@${gw3}");
		if (!frt_relay("unreachable")) t_reply("500", "No destination");
	}
	if (!($rU =~ "^2")) exit;
	t_on_failure("OWN");
	$du = "sip:${gw3}";
	t_relay();
}
failure_route[OWN] { xlog("L_NOTICE", "OWN for $rU, $T_reply_code\\n"); }'''

#        user  gw1  gw2  gw3  the caller
CASES = (("100", 503, 503, 486, 486), ("101", 503, 480, 500, 500), ("102", 503, 503, None, 408),
         ("200", 302, 0, 486, 486), ("201", 503, 407, 486, 486), ("202", 503, 480, None, 408),
         ("300", 503, 200, 503, 200), ("301", 503, 503, 486, 486), ("302", None, 200, 486, 200),
         ("303", 503, 480, 503, 480), ("304", 503, 503, None, 408), ("305", 486, 0, 503, 486),
         ("306", 503, 0, 200, 200))


def behave(gw, code):
    if code is None:
        gw.blackhole()
    elif code == 200:
        gw.answer()
    else:
        gw.reject(code, {"X-From": gw.name} if code else {})


def story(lab):
    # what the script sends by itself has tm's own timer
    lab.start(modules=["corex"], modparams='modparam("tm", "fr_timer", 1000)', relay=RELAY,
              routes=ROUTES)
    gws = lab.gateways_named("gw1", "gw2", "gw3")
    for user, *codes, seen in CASES:
        for gw, code in zip(gws, codes):
            behave(gw, code)
        before = [len(gw.calls) for gw in gws]
        call = lab.place(user, expect=seen)
        asked = [len(gw.calls) - n for gw, n in zip(gws, before)]
        assert (user, call.finals, asked) == (user, [seen], [int(c != 0) for c in codes])
        if seen in (486, 480):
            assert call.final.get("x-from") == gws[codes.index(seen)].name, user
    assert lab.log.count("OWN for") == 6
    lab.wait(lambda: lab.dst("gw1")["calls"] == 0, "no place is kept")
    beside(lab, *gws)


def beside(lab, gw1, gw2, gw3):
    """What comes of ours where another branch goes out at once with it."""
    gw1.reject(503)
    gw2.answer()
    gw3.ringing_then(603, after=0.3)  # the callee wants no call
    before = len(gw2.calls)
    assert lab.place("307", expect=603).finals == [603]
    assert len(gw2.calls) == before

    gw3.reject(503)  # dropped by the script: nobody's fault, and not gw3's answer for gw1
    told = lab.dst("gw1")
    asked = len(gw1.calls)
    assert lab.place("308").finals == [200]
    assert len(gw1.calls) == asked and gw2.users[-1] == gw3.users[-1] == "308"
    assert lab.dst("gw1")["failed"] == told["failed"]

    gw3.ringing()  # not sent: the next one at once, and no place is kept meanwhile
    lab.allow_log("ERROR: .*(udp|send|255.255.255.255)")
    assert lab.place("309").finals == [200]
    assert gw2.users[-1] == gw3.users[-1] == "309"
    told = lab.dst("nowhere", "unsendable")
    assert [told[n] for n in ("attempts", "failed", "timeouts", "calls")] == [1, 1, 0, 0]

    in_steps(lab, gw1, gw2, gw3)


def in_steps(lab, gw1, gw2, gw3):
    """The same, relayed by the script: what the other one says is not held against ours."""
    gw3.reject(503)
    told = lab.dst("gw1")
    asked = len(gw1.calls)
    assert lab.place("400").finals == [200]
    assert len(gw1.calls) == asked and gw2.users[-1] == gw3.users[-1] == "400"
    now = lab.dst("gw1")
    assert (now["failed"], now["calls"]) == (told["failed"], 0)

    gw3.answer()  # ours has no socket: the other one is the call's
    lab.allow_log("no corresponding", "could not resolve", "failed to resolve")
    call = lab.place("401")
    assert call.finals == [200] and gw3.users[-1] == "401"
    told = lab.dst("nowhere", "unreachable")
    assert [told[n] for n in ("attempts", "ok", "failed", "calls")] == [1, 0, 1, 0]

    gw3.ringing_then(486, after=0.3)  # nor with frt_relay; its refusal is a failure_route's
    assert lab.place("313", expect=404).finals == [404]
    gw1.reject(503)  # the same from a failure_route
    gw2.reject(503)
    assert lab.place("314", expect=486).finals == [486]
    assert lab.log.count("OWN for 314, 486") == 1

    late(lab, gw1, gw2, gw3)


def late(lab, gw1, gw2, gw3):
    """Answers that come when the branch has timed out."""
    gw1.reject(503)
    gw2.mode = lambda r: [(0, 100, None), (1.9, 200, None)]
    gw3.mode = lambda r: [(2, 200, None)]  # the script's own: tm drops it, it is no answer
    call = lab.place("310")
    assert call.finals == [200] and gw2.host in call.final.get("contact")

    gw1.mode = lambda r: [(0.7, 200, None)]  # ours, while the other one rings: it is
    gw3.ringing()
    call = lab.place("311")
    assert call.finals == [200] and gw1.host in call.final.get("contact")
    lab.wait(lambda: len(gw3.cancels) > 0, "who rings is told")
    lab.wait(lambda: lab.dst("gw1")["calls"] == lab.dst("gw2")["calls"] == 0, "no place is kept")

    given_up(lab, gw1, gw2, gw3)


def given_up(lab, gw1, gw2, gw3):
    """Ours has timed out, and tm has cancelled it, while the other one rings: it has failed."""
    gw1.trying()
    gw2.answer()
    gw3.mode = lambda r: [(1, 180, None)]  # tm gives it as long from then on
    for user in "312", "402":
        for honours in False, True:
            gw1.honours_cancel = honours
            told = lab.dst("gw1", "unanswered")
            cancels = len(gw1.cancels)
            call = lab.call(user)
            lab.wait(lambda n=cancels: len(gw1.cancels) > n, "tm's CANCEL")
            gw3.respond_later(0, gw3.calls[-1], 503)
            assert (user, honours, call.wait_final()) == (user, honours, 200)
            now = lab.dst("gw1", "unanswered")
            assert now["timeouts"] == told["timeouts"] + 1, (user, honours)
