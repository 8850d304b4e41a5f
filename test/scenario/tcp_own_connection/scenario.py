"""A connection that was set for elsewhere is not used for the destination chosen.

lookup() of a phone behind TCP sets one, as tcp_set_otcpid() does: the request would go to
that phone, or back to the caller, whatever $du says.
"""

BEFORE = '''if ($proto == "tcp") {
		tcp_set_otcpid("$conid");
		tcp_set_otcpid_flag("1");
	}'''


def story(lab):
    lab.start(modules=["tcpops"], before=BEFORE)
    gw1, gw2, _ = lab.gateways_named("gw1", "gw2", "gw3")
    assert lab.place("100", transport="tcp").finals == [200]
    gw1.reject(503)
    assert lab.place("101", transport="tcp").finals == [200]
    assert (gw1.users, gw2.users) == (["100", "101"], ["101"])
