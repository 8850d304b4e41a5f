"""Two branches answer at once while tm is busy with a third reply, and the first one's timer fires meanwhile.

Whoever comes first is to be the answer, and the other one is hung up; but where tm has given the
first one up before it took its answer, the other one stayed open without a timer, and the caller
waited for ever. Chance says who of those that wait for tm's lock is first: each call is answered, and
who has answered besides is hung up. (Not the script's own branch, whose late answer tm drops; nor an
answer that tm relays all the same when it has the other one: that is the caller's.)
"""
CALLS, ROUNDS = 12, 3
PARAMS = 'modparam("tm", "fr_timer", 400)\nmodparam("tm", "fr_inv_timer", 400)\n'
RELAY = '''t_on_reply("BUSY");
	if ($rU =~ "^1") append_branch("sip:own@${gw1}");
	append_branch("sip:busy@${gw3}");
	if ($rU =~ "^1") {
		frt_relay("b");
		exit;
	}
	t_on_failure("STEP");
	if (frt_select("a")) t_relay();
	if (frt_select("b")) t_relay();'''
ROUTES = '''onreply_route[BUSY] {
	if (t_check_status("183")) usleep("600000");
}
failure_route[STEP] {
	t_on_failure("STEP");
	if (frt_next()) t_relay();
}'''


def story(lab):
    lab.start(modules=["corex", "cfgutils"], modparams=PARAMS, relay=RELAY, routes=ROUTES, listen="children=48\n")
    gw1, gw2, gw3, gw4 = lab.gateways_named("gw1", "gw2", "gw3", "gw4")
    # long: it takes a while until tm has it
    gw1.mode = lambda r: [(0.25, 200, {f"X-{i}": "x" * 30 for i in range(700)})]
    gw2.mode = lambda r: [(0.3, 200, None)]
    gw3.mode = lambda r: [(0.1, 183, None)]
    calls = []
    for kind in ["1", "2"] * ROUNDS:
        placed = [lab.call(f"{kind}{n:02}") for n in range(CALLS)]
        for call in placed:
            assert call.wait_final() == 200 and call.bye() == 200
        calls += placed
    lab.wait_transactions(limit=40)
    assert [lab.metric("calls", set_id) for set_id in "ab"] == [0, 0]

    def hung_up():
        assert all(set(call.finals) == {200} for call in calls)
        besides = [r.to_tag.split("-")[0] for call in calls for _, r in call.responses if r.code == 200 and r is not call.final]
        return all(len(gw.byes) + len(gw.cancels) + besides.count(gw.name) >= len(gw.calls) for gw in (gw2, gw4))
    lab.wait(hung_up, "who has answered is hung up, or was cancelled")
