"""With tm's failure_exec_mode 1, too, the answer comes with the last reply.

tm keeps a branch that could not be sent until its timer, so that a failure_route may see
it: the caller waited for each try-timeout, and got a 408 that nobody had sent.
"""

RELAY = '''t_on_failure("SEEN");
	if ($rU =~ "^1") frt_relay("carriers");
	else if ($rU =~ "^2") frt_relay("all");
	else {
		t_on_failure("STEP");
		if (frt_select("steps")) t_relay();
	}'''
ROUTES = '''failure_route[SEEN] {
	xlog("L_NOTICE", "SEEN $rU $T_reply_code\\n");
}
failure_route[STEP] {
	t_on_failure("STEP");
	if (frt_should_failover() && frt_next()) t_relay();
}'''


def story(lab):
    lab.start(relay=RELAY, routes=ROUTES, modparams='modparam("tm", "failure_exec_mode", 1)\n')
    lab.allow_refused()
    lab.allow_log("msg_send_buffer", "t_send_branch", "t_forward_noack failed")
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    for gw in gw1, gw3:
        gw.close()
    gw2.reject(503)
    for user in "100", "200":
        lab.place(user, expect=500)
    gw2.reject(486)
    for user in "101", "201":
        lab.place(user, expect=486)
    assert lab.log.count("SEEN .01 486") == 2
    gw2.answer()
    for user in "102", "202":
        lab.place(user)

    # what the script relays is as it wants it: its failure_route goes on
    lab.place("300")
    assert gw2.users[-1] == "300"
    lab.wait_transactions()
    assert [lab.dst(g)["failed"] for g in ("gw1", "gw2", "gw3")] == [3, 1, 1]
