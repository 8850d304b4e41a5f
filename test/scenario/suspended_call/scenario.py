"""Scripts that wait for others (t_suspend: async, http_async_client, evapi) route by us all the same.

frt_relay and the steps where the script goes on, in the request's place and in that of a
failure_route; and where it does nothing there, the caller gets the best response.
"""

RELAY = '''async_task_route("RESUMED");
	exit;'''
ROUTES = '''route[RESUMED] {
	if ($rU =~ "^1") {
		if (!frt_relay("carriers")) send_reply("500", "No destination");
	} else if ($rU =~ "^2") {
		t_on_failure("STEP");
		if (frt_select("carriers")) t_relay();
	} else {
		t_on_failure("LAST");
		frt_relay("carriers");
	}
}
failure_route[STEP] {
	if (frt_should_failover()) async_task_route("NEXT");
}
route[NEXT] {
	t_on_failure("STEP");
	if (frt_next()) t_relay();
}
failure_route[LAST] {
	async_task_route("LATER");
}
route[LATER] {
	xlog("L_NOTICE", "LATER $rU after $frt(path)\\n");
	if ($rU =~ "^4") frt_relay("backup");
	if ($rU =~ "^5") t_reply("404", "Not here");
}'''
#        user  gw1  gw2  the caller
CASES = (("100", 503, 200, 200), ("101", 503, 486, 486), ("102", 503, 503, 500),
         ("200", 503, 200, 200), ("201", 503, 486, 486), ("202", 480, 503, 480),
         ("300", 503, 486, 486), ("301", 480, 503, 480),
         ("400", 503, 486, 200), ("500", 503, 486, 404))


def story(lab):
    # not async_route, whose timer may miss the second in which it was to go on
    lab.start(modules=["async"], listen="async_workers=1\n", relay=RELAY, routes=ROUTES)
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    for user, *codes, seen in CASES:
        for gw, code in zip((gw1, gw2), codes):
            gw.answer() if code == 200 else gw.reject(code)
        assert (user, lab.place(user, expect=seen).finals) == (user, [seen])
        assert gw1.users[-1] == gw2.users[-1] == user
    assert gw3.users == ["400"] and lab.log.count("LATER") == 4
    assert [lab.dst(g)["attempts"] for g in ("gw1", "gw2")] == [len(CASES)] * 2
    assert [lab.dst(g)["calls"] for g in ("gw1", "gw2")] == [0, 0]
