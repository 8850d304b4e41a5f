"""With the core's use_dst_blocklist a call that fails keeps no other call away: health says who gets one.

A text that no gateway answers put them all on that list, and for blst_timeout each call got a 500.
What the operator has put there is passed over, and is no failure of the destination.
"""

RELAY = '''if ($rU =~ "^2") {
		t_on_failure("STEP");
		if (frt_select("carriers")) t_relay();
		exit;
	}
	if ($rU =~ "^3") frt_relay("tcp");
	else if (!frt_relay("carriers")) send_reply("500", "No destination");'''
ROUTES = '''failure_route[STEP] {
	t_on_failure("STEP");
	if (frt_should_failover() && frt_next()) t_relay();
}'''


def story(lab):
    lab.start(relay=RELAY, routes=ROUTES, listen="use_dst_blocklist=yes\n",
              modparams='modparam("tm", "blst_503", 30)\n')
    lab.allow_refused()
    gws = gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    for kind in "12":
        for gw in gws:
            gw.deaf()
        lab.place(f"{kind}00", expect=408)
        for gw in gws:
            gw.reject(503)
        lab.place(f"{kind}01", expect=500)
        for gw in gws:
            gw.answer()
        before = len(gw1.calls)
        lab.place_many([f"{kind}02", f"{kind}03"])
        assert len(gw1.calls) == before + 2
    gw1.close()
    lab.place("300")
    assert gw2.users[-1] == "300"
    gw1.open()
    lab.place("301")
    assert gw1.users[-1] == "301"

    failed = lab.dst("gw1")["failed"]
    lab.rpc("dst_blocklist.add", gw1.host, 5060, 1, 8)  # over UDP, as after a timeout
    lab.place("104")
    assert gw1.users[-1] == "301" and gw2.users[-1] == "104"
    assert lab.dst("gw1")["failed"] == failed
