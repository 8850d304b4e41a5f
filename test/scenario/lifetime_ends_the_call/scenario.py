"""No attempt is begun when tm's lifetime of the transaction is over, whatever the deadline says.

tm gives up at its next tick what is sent after that: every gateway left got an INVITE for
62 ms, and was blamed for a timeout.
"""

RELAY = '''t_set_max_lifetime("2400", "2400");
	if ($rU =~ "^3") t_set_max_lifetime("500000000", "500000000");
	if ($rU =~ "^2") {
		t_on_failure("STEP");
		if (frt_select("carriers")) t_relay();
		exit;
	}
	frt_relay("carriers");'''
ROUTES = '''failure_route[STEP] {
	t_on_failure("STEP");
	if (frt_should_failover() && frt_next()) t_relay();
}'''


def story(lab):
    lab.start(relay=RELAY, routes=ROUTES)
    gws = lab.gateways_named("gw1", "gw2", "gw3", "gw4", "gw5")
    gw1, gw2, gw3, gw4, gw5 = gws
    for user, method in ("100", "INVITE"), ("200", "INVITE"), ("100", "MESSAGE"):
        # each has 1 s, and the third what is left of 2.4 s
        for gw in gws:
            gw.deaf()
        before = [gw.count(method) for gw in gws]
        assert lab.place(user, method=method, expect=408).finals == [408]
        assert [gw.count(method) - n for gw, n in zip(gws, before)] == [1, 1, 1, 0, 0]
    assert [lab.dst(g)["failed"] for g in ("gw1", "gw2", "gw3")] == [3, 3, 0]

    # it says that it tries until the lifetime is over
    gw1.reject(503)
    gw2.trying()
    assert lab.place("100", expect=408).finals == [408]
    assert [len(gw.calls) for gw in gws] == [3, 3, 2, 0, 0]
    assert lab.dst("gw2")["failed"] == 3

    # almost six days are none of less
    gw1.deaf()
    gw2.deaf()
    gw3.deaf()
    gw4.answer()
    lab.place("300")
    assert gw4.users == ["300"]
    gw1.reject(503)

    # whoever answers in time has the call
    gw2.reject(503)
    gw3.answer()
    lab.place("100")
