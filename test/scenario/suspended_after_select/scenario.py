"""A script that has selected suspends the call for longer than the try-timeout: it has tm's fr_timer for
that. What it then relays has the try-timeout, and goes where the choice was, though tm keeps the
request as it was when the transaction was made.
"""

RELAY = '''t_on_failure("STEP");
	if ($rU =~ "^2") t_newtran();
	if (!frt_select("carriers")) send_reply("500", "None");
	else async_route("SEND", "3");'''
ROUTES = '''route[SEND] {
	t_on_failure("STEP");
	t_relay();
}
failure_route[STEP] {
	if (!frt_next()) exit;
	if ($rU =~ "^3") async_route("SEND", "3");
	else t_relay();
}'''


def story(lab):
    lab.start(modules=["async"], relay=RELAY, routes=ROUTES, modparams='modparam("async", "workers", 1)\n')
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    assert lab.place("100").finals == [200]
    assert lab.place("200").finals == [200]
    gw1.reject(503)
    assert lab.place("300").finals == [200]
    gw1.deaf()
    assert lab.place("101").finals == [200]
    assert gw1.users == ["100", "200", "300", "101"] and gw2.users == ["300", "101"]
    assert lab.dst("gw1")["timeouts"] == 1
    for n, ok, failed in ((1, 2, 2), (2, 2, 0)):
        told = lab.dst(f"gw{n}")
        assert (told["attempts"], told["ok"], told["failed"], told["calls"]) == (ok + failed, ok, failed, 0)
