"""frt_select, frt_next and frt_should_failover give a script the same in steps.

The failure_route decides with the set's policy; timers, limits and "never twice" are
those of frt_relay. A set with rewrite="ruri" changes the host of the R-URI instead.
"""

RELAY = '''if ($rU =~ "^2") { $var(set) = "hosts"; } else { $var(set) = "carriers"; }
	if (!frt_select("$var(set)")) { send_reply("500", "None"); exit; }
	t_on_failure("NEXT");
	if (!t_relay()) send_reply("500", "Not sent");'''
ROUTES = '''failure_route[NEXT] {
	if (t_is_canceled()) exit;
	xlog("L_NOTICE", "failed: $frt(set)/$frt(id) $T_reply_code\\n");
	if (frt_should_failover()) {
		if (frt_next()) {
			t_on_failure("NEXT");
			t_relay();
			exit;
		}
	}
}'''


def story(lab):
    lab.start(relay=RELAY, routes=ROUTES)
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")

    assert lab.place("100").finals == [200]
    gw1.reject(503)
    gw2.blackhole()
    call = lab.place("100")
    assert call.finals == [200] and 1900 <= call.pdd_ms < 5000
    assert [len(g.calls) for g in (gw1, gw2, gw3)] == [2, 1, 1]
    assert lab.log.count("failed: carriers/gw1 503") == 1
    assert lab.log.count("failed: carriers/gw2 408") == 1
    told = lab.dst("gw1")
    assert (told["attempts"], told["ok"], told["failed"], told["failovers"]) == (2, 1, 1, 1)

    gw3.reject(503)  # exhausted: the best response, and no 503
    assert lab.place("100", expect=408).finals == [408]

    gw1.reject(486)  # the policy says stop
    assert lab.place("100", expect=486).finals == [486]
    gw1.ringing_then(503)
    assert lab.place("100", expect=500).codes == [180, 500]
    assert len(gw2.calls) == 2

    gw1.reject(503)
    gw2.answer()
    assert lab.place("200").finals == [200]
    assert gw1.calls[-1].uri.startswith(f"sip:200@{gw1.host}")
    assert gw2.calls[-1].uri.startswith(f"sip:200@{gw2.host}")
