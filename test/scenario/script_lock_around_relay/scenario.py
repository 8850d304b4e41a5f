"""A script may hold a lock of its own while it relays, and ask for it in the routes of a failure.

Those run with tm's reply lock: a destination that answered before frt_relay was back had the worker
that sent and the one with the answer wait for each other, for ever. siptrace holds the first
one up right behind the send.
"""
PARAMS = '''modparam("cfgutils", "lock_set_size", 4)
modparam("siptrace", "duplicate_uri", "sip:${gw9}")
modparam("siptrace", "trace_init_mode", 1)
modparam("siptrace", "trace_mode", 1)
modparam("siptrace", "trace_on", 1)
modparam("siptrace", "trace_to_database", 0)
'''
RELAY = '''t_on_branch("NEXT");
	t_on_failure("FAILED");
	lock("calls");
	if ($rU == "100") {
		frt_relay("carriers");
	} else {
		frt_select("carriers");
		t_relay();
	}
	unlock("calls");'''
ROUTES = '''event_route[siptrace:msg] {
	if (is_method("INVITE") && $siptrace(dst_addr) =~ "${gw1}:") {
		xlog("L_NOTICE", "SENT $rU\\n");
		usleep("300000");
	}
	drop;
}
branch_route[NEXT] {
	if ($T_branch_idx == 0) return;
	lock("calls");
	unlock("calls");
}
failure_route[FAILED] {
	lock("calls");
	unlock("calls");
	if (frt_should_failover() && frt_next()) {
		t_on_branch("NEXT");
		t_relay();
	}
}'''


def story(lab):
    lab.start(modules=["siptrace", "cfgutils"], modparams=PARAMS, relay=RELAY, routes=ROUTES)
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    for code, codes in (486, [486]), (503, [200]):
        gw1.reject(code)
        for user in "100", "200":
            assert lab.place(user, expect=codes[0]).finals == codes
            assert gw1.users[-1] == user
    assert gw2.users == ["100", "200"]
    assert lab.log.count("SENT 100") == lab.log.count("SENT 200") == 2
