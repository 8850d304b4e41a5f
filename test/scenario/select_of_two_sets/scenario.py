"""A script selects in one set, and then in another: what became of the first is judged, and each
set counts the calls that it has; also where both are tried at once.
"""
CALLS = 5
RELAY = '''if ($rU =~ "^4") {
		if (frt_select("c")) t_relay();
		if (frt_select("b")) t_relay();
		exit;
	}
	if (!frt_select("a")) { send_reply("500", "None"); exit; }
	if ($rU =~ "^1" && t_relay()) exit;
	if ($rU =~ "^3") {
		if (!frt_relay("b")) send_reply("500", "None");
		exit;
	}
	if (!frt_select("b")) { send_reply("500", "None"); exit; }
	t_relay();'''


def story(lab):
    lab.start(relay=RELAY)
    lab.allow_refused()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.close()

    def sets():
        return [lab.metric("calls", s) for s in "ab"]
    for n, (failed, ignored) in enumerate(((CALLS, 0), (CALLS, CALLS), (CALLS, 2 * CALLS)), 1):
        users = range(100 * n, 100 * n + CALLS)
        calls = []
        for user in users:
            # one by one: what is sent while another process connects is queued, not refused
            calls.append(lab.call(str(user)))
            assert calls[-1].wait_final() == 200
        for call in calls:
            assert call.bye() == 200
        lab.wait(lambda: sets() == [0, 0], "no call in any set")
        told = lab.dst("gw1", "a")
        assert (told["failed"], told["calls"]) == (failed, 0), told
        assert lab.metric("ignored_total", "a", "gw1") == ignored
    assert len(gw2.calls) == 3 * CALLS

    gw2.reject(404, delay=4)
    gw3 = lab.gateway("gw3")
    gw3.mode = lambda r: [(0.1, 100, None)]  # its answer-timeout is not that of the other
    call = lab.call("400")
    lab.wait(lambda: [*sets(), lab.metric("calls", "c")] == [0, 1, 1], "it waits at both")
    gw2.reject(404, delay=0.3)
    gw3.reject(486)
    for user in range(401, 420):
        assert lab.call(str(user)).wait_final() in (404, 486)
    assert call.wait_final() == 404
    lab.wait_transactions(limit=40)
    assert sets() == [0, 0] and lab.dst("gw2", "b")["calls"] == lab.metric("calls", "c") == 0
