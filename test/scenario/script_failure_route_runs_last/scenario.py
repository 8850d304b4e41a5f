"""A failure_route of the script runs once, after the module has given up.

tm would run it after the first failed attempt, beside the module's own next branch.
Here it stays asleep while destinations are left, and may then send the call elsewhere.
"""

# acc may write at the end what only this route asks for
PARAMS = '''modparam("acc", "acc_prepare_flag", 3)
modparam("acc", "log_flag", 1)
modparam("acc", "log_level", 1)
modparam("acc", "failed_transaction_flag", 2)
modparam("acc", "log_missed_flag", 4)'''
RELAY = '''setflag(3);
	if ($rU == "300") {
		setflag(4);
		frt_relay("one");
		exit;
	}
	t_on_failure("LAST");
	t_on_branch("EACH");
	if (!frt_relay("carriers")) send_reply("500", "No destination");'''
ROUTES = '''failure_route[LAST] {
	if ($rU == "400") {
		t_on_failure("OWN");
		if (!frt_relay("drained")) {
			$du = "sip:${gw9}";
			t_relay();
		}
		exit;
	}
	xlog("L_NOTICE", "LAST ran for $rU after $T_reply_code\\n");
	setflag(1);
	setflag(2);
	if ($rU == "200") {
		$du = "sip:${gw9}";
		t_relay();
	}
}
failure_route[OWN] {
	xlog("L_NOTICE", "OWN ran for $rU after $T_reply_code\\n");
	$du = "sip:${gw3}";
	t_relay();
}
branch_route[EACH] { xlog("L_NOTICE", "BRANCH to $du\\n"); }'''


def story(lab):
    lab.start(modparams=PARAMS, relay=RELAY, routes=ROUTES)
    gw1, gw2, gw3, voicemail = lab.gateways_named("gw1", "gw2", "gw3", "gw9")
    gw1.reject(503)
    gw2.reject(503)
    assert lab.place("100").finals == [200]
    assert lab.log.count("LAST ran") == 0

    gw3.blackhole()
    call = lab.place("101", expect=408)
    assert call.finals == [408]
    assert lab.log.count("LAST ran for 101") == 1

    call = lab.place("200")  # the script's own way out
    assert call.finals == [200] and len(voicemail.calls) == 1
    assert lab.log.count("LAST ran for 200") == 1
    assert [len(g.calls) for g in (gw1, gw2, gw3)] == [3, 3, 3]

    gw1.reject(486)  # a stop is a give-up as well
    assert lab.place("102", expect=486).finals == [486]
    assert lab.log.count("LAST ran for 102 after 486") == 1
    assert lab.log.count("LAST ran") == 3

    gw1.reject(480)  # better than tm's pick, the 408 it made up for gw3: we answer
    assert lab.place("103", expect=480).finals == [480]
    lab.wait(lambda: lab.log.count("ACC: .*code=408") == 1, "tm's answer is written")
    lab.wait(lambda: lab.log.count("ACC: .*code=480") == 1, "and ours")

    gw1.reject(503)  # a call that we answer is missed once
    assert lab.place("300", expect=500).finals == [500]
    lab.wait(lambda: lab.log.count("ACC: call missed") > 0, "its record")
    assert lab.place("300", expect=500).finals == [500]
    lab.wait(lambda: lab.log.count("ACC: call missed") > 1, "the second one's")
    assert lab.log.count("ACC: call missed") == 2

    # a failure_route for what the script sends itself, where frt_relay has found nobody
    gw3.answer()
    voicemail.reject(503)
    lab.rpc("failover_route.set_admin", "carriers", "gw3", "drain")
    assert lab.place("400").finals == [200]
    assert lab.log.count("OWN ran for 400 after 503") == 1
