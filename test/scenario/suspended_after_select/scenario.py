"""A script that has selected suspends the call for longer than the try-timeout: it has tm's fr_timer for
that. What it then relays has the try-timeout.
"""

RELAY = '''t_on_failure("STEP");
	if (!frt_select("carriers")) send_reply("500", "None");
	else async_route("SEND", "2");'''
ROUTES = '''route[SEND] {
	t_on_failure("STEP");
	t_relay();
}
failure_route[STEP] {
	if (frt_next()) t_relay();
}'''


def story(lab):
    lab.start(modules=["async"], relay=RELAY, routes=ROUTES, modparams='modparam("async", "workers", 1)\n')
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    assert lab.place("100").finals == [200]
    gw1.deaf()
    assert lab.place("101").finals == [200]
    assert gw1.users == ["100", "101"] and gw2.users == ["101"]
    assert lab.dst("gw1")["timeouts"] == 1
