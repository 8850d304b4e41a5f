"""The script selects, and takes its time before it relays. A retransmission that comes meanwhile,
or a transaction that is suspended, ends a script too; what was selected goes out all the same,
and is judged.
"""
RELAY = '''if ($rU =~ "^2") {
		frt_select("carriers");
		async_route("SEND", "1");
		exit;
	}
	t_newtran();
	frt_select("carriers");
	usleep("900000");
	route(SEND);'''
ROUTES = '''route[SEND] {
	t_on_failure("NEXT");
	t_relay();
	exit;
}
failure_route[NEXT] {
	if (frt_should_failover() && frt_next()) t_relay();
}'''


def story(lab):
    lab.start(modules=["cfgutils", "async"], listen="async_workers=1\n",
              modparams='modparam("async", "workers", 1)\n', relay=RELAY, routes=ROUTES)
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    for n, user in enumerate(("100", "200"), 1):
        gw1.reject(486)
        call = lab.place(user, expect=486)
        assert call.finals == [486] and gw2.requests == []
        told = lab.dst("gw1")
        assert (told["attempts"], told["ok"], told["calls"]) == (n, n, 0), told
        assert lab.metric("ignored_total", dst_id="gw1") == 0
    gw1.reject(503)
    lab.place("101"), lab.place("201")
    assert gw2.users == ["101", "201"] and lab.dst("gw1")["failed"] == 2
