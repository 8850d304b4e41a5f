"""A destination may answer while the process that sends to it is still at work after the send.

Its timers are then those of the next attempt already, which another process is about to make:
that one had tm's fr_timer, of 30 s, instead of its try-timeout. siptrace holds the first process
up right behind the send, a branch_route the second one just before.
"""
PARAMS = '''modparam("siptrace", "duplicate_uri", "sip:${gw9}")
modparam("siptrace", "trace_init_mode", 1)
modparam("siptrace", "trace_mode", 1)
modparam("siptrace", "trace_on", 1)
modparam("siptrace", "trace_to_database", 0)
'''
RELAY = '''t_on_branch("SECOND");
	if ($rU == "100") {
		frt_relay("carriers");
	} else {
		t_on_failure("STEP");
		frt_select("carriers");
		t_relay();
	}'''
ROUTES = '''event_route[siptrace:msg] {
	if (is_method("INVITE") && $siptrace(dst_addr) =~ "${gw1}:") {
		xlog("L_NOTICE", "SENT $rU\\n");
		usleep("300000");
	}
	drop;
}
branch_route[SECOND] {
	if ($T_branch_idx == 1) usleep("900000");
}
failure_route[STEP] {
	t_on_branch("SECOND");
	t_on_failure("STEP");
	if (frt_should_failover() && frt_next()) t_relay();
}'''


def story(lab):
    lab.start(modules=["siptrace", "cfgutils"], modparams=PARAMS, relay=RELAY, routes=ROUTES)
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    gw1.reject(503)
    gw2.blackhole()
    for user in "100", "200":
        lab.place(user)
        assert lab.log.count(f"SENT {user}") == 1
        assert gw1.users[-1] == gw2.users[-1] == gw3.users[-1] == user
