"""The failure_route that frt_relay runs asks tm for a status, and gets the caller's.

tm's answer was the lowest code of all attempts: one gateway that had timed out (408), and
a busy callee (486) was one that does not answer, for voicemail or another carrier.
"""

RELAY = '''t_on_failure("WHICH");
	if ($rU =~ "^2") frt_relay("all");
	else frt_relay("carriers");'''
ROUTES = '''failure_route[WHICH] {
	if (t_grep_status("503")) xlog("L_NOTICE", "A 503 was among them\\n");
	xlog("L_NOTICE", "WHICH $rU: $T_reply_code\\n");
	if ($rU =~ "0$" && t_check_status("486")) frt_relay("voicemail");
	else if ($rU =~ "1$" && t_check_status("408")) t_reply("404", "Not here");
}'''
#        user  gw1     gw2     seen   the caller
CASES = (("100", "deaf", 486, "486", 200), ("100", 480, 486, "486", 200), ("101", "deaf", 486, "486", 486),
         ("101", "deaf", "deaf", "408", 404), ("100", "deaf", 503, "408", 408),
         ("101", 503, 503, "503", 500), ("101", "deaf", 603, "603", 603), ("200", "deaf", 486, "486", 200),
         ("201", "deaf", 486, "486", 486), ("201", 503, "deaf", "408", 404))


def story(lab):
    lab.start(relay=RELAY, routes=ROUTES)
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    for n, (user, one, two, seen, answer) in enumerate(CASES, 1):
        for gw, mode in (gw1, one), (gw2, two):
            gw.deaf() if mode == "deaf" else gw.reject(mode)
        assert (user, one, two, lab.place(user, expect=answer).finals) == (user, one, two, [answer])
        last = lab.log.find("WHICH")[-1]
        assert lab.log.count("WHICH") == n and last.endswith(f"{user}: {seen}"), (one, two, last)

    # where tm's answer is the caller's anyway, it still knows what all the others said
    before = lab.log.count("A 503 was among them")
    gw1.reject(503)
    gw2.reject(486)
    lab.place("101", expect=486)
    assert lab.log.count("A 503 was among them") == before + 1

    gw1.deaf()
    gw2.ringing()
    call = lab.call("100")
    call.wait_code(180)
    call.cancel()
    call.wait_final()
    assert call.finals == [487] and lab.log.find("WHICH")[-1].endswith("100: 487")
    assert gw3.users == ["100", "100", "200"]
