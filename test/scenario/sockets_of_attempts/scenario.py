"""A destination without a socket is sent to by the script's, or by the one that Kamailio would choose.

After one with a socket tm's choice in a failure is that one: a gateway in the Internet
was called from the address that another, in the carrier's network, is to be called from.
"""

RELAY = '''t_on_failure("LAST");
	if ($rU =~ "^2") $fs = "udp:${kam}:5071";
	if ($rU =~ "^[34]") {
		t_on_failure("STEP");
		if (frt_select("carriers")) t_relay();
		exit;
	}
	frt_relay("carriers");'''
ROUTES = '''failure_route[STEP] {
	if ($rU == "400") {
		if (frt_select("backup")) {
			$fs = "udp:${kam}:5072";
			t_relay();
		}
		exit;
	}
	t_on_failure("STEP");
	if (frt_should_failover() && frt_next()) t_relay();
}
failure_route[LAST] {
	if ($rU =~ "1$") {
		$fs = "udp:${kam}:5072";
		frt_relay("backup");
	} else if ($rU =~ "2$") {
		frt_relay("backup");
	} else {
		$du = "sip:${gw3}";
		t_relay();
	}
}'''
#        user   from which port at gw1, gw2, gw3
CASES = (("100", [5070, 5060, 5060]), ("101", [5070, 5060, 5072]), ("102", [5070, 5060, 5060]),
         ("200", [5070, 5071, 5071]), ("201", [5070, 5071, 5072]), ("202", [5070, 5071, 5071]),
         ("300", [5070, 5060]), ("400", [5070, 5072]))


def story(lab):
    lab.start(relay=RELAY, routes=ROUTES,
              listen="".join(f"listen=udp:${{kam}}:{port}\n" for port in (5070, 5071, 5072)))
    gws = gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    gw1.reject(503)
    for user, ports in CASES:
        gw2.answer() if user == "300" else gw2.reject(503)
        lab.place(user)
        seen = [r.source[1] for gw in gws for r in gw.calls if r.user == user]
        assert (user, seen) == (user, ports)
