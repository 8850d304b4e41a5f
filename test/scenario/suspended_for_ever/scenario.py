"""A failure_route that suspends the call, and nobody goes on: the caller gets the best response.

By tm's fr_timer, in one line and in steps. What it waited for is no destination, and its 408 no
response of one. A failure_route that was armed before is run then, and may go on by us.
"""

RELAY = '''if ($rU =~ "^1") {
		t_on_failure("LAST");
		if (!frt_relay("carriers")) send_reply("500", "No destination");
	} else {
		t_on_failure("STEP");
		if (frt_select("carriers")) t_relay();
	}'''
ROUTES = '''failure_route[STEP] {
	t_on_failure("STEP");
	if (frt_should_failover() && frt_next()) {
		t_relay();
		exit;
	}
	route(WAIT);
}
failure_route[LAST] {
	route(WAIT);
}
route[WAIT] {
	t_on_failure("0");
	if ($rU =~ "9$") t_on_failure("OVER");
	if ($rU =~ "8$") t_on_failure("LATER");
	t_suspend();
}
failure_route[OVER] {
	xlog("L_NOTICE", "OVER $rU after $frt(path)\\n");
}
failure_route[LATER] {
	frt_relay("backup");
}'''
#        user  gw1  gw2  the caller
CASES = (("10", 503, 486, 486), ("11", 480, 503, 480), ("12", 503, 503, 500), ("13", 404, None, 404),
         ("19", 503, 486, 486), ("18", 503, 486, 200))


def story(lab):
    lab.start(relay=RELAY, routes=ROUTES, modparams='modparam("tm", "fr_timer", 700)\n')
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    for user, first, second, seen in CASES:
        gw1.reject(first)
        gw2.reject(second or 603)
        for way in "12":
            call = lab.place(way + user[1], expect=seen)
            assert (way + user, call.finals) == (way + user, [seen])
    lab.wait_transactions()
    assert lab.log.count("OVER 19 after gw1:503>gw2:486") == 1
    assert lab.log.count("OVER 29 after gw1:503>gw2:486") == 1
    assert gw3.users == ["18", "28"]
    for name, calls in (("gw1", 2 * len(CASES)), ("gw2", 2 * len(CASES) - 2)):
        told = lab.dst(name)
        assert (told["attempts"], told["calls"]) == (calls, 0)
