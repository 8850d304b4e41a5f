"""What a script selects and does not send is no failure of the destination: its branch_route or
onsend_route drops it, or it selects the next one instead. What could not be sent is.
"""
CALLS = 5
RELAY = '''$var(set) = "carriers";
	if ($rU =~ "^[47]") $var(set) = "refusing";
	if ($rU =~ "^5") $var(set) = "nowhere";
	if ($rU =~ "^2") t_newtran();
	if ($rU =~ "^8") $var(set) = "second";
	if (!frt_select("$var(set)")) { send_reply("500", "None"); exit; }
	if ($rU =~ "^2" && $xavp(frt=>id) == "gw1") frt_next();
	if ($rU =~ "^7") {
		t_relay();
		exit;
	}
	route(SEND);'''
ROUTES = '''route[SEND] {
	$var(go) = 1;
	while ($var(go) > 0) {
		t_on_branch("OUT");
		t_on_failure("NEXT");
		if (t_relay()) exit;
		frt_next();
		$var(go) = $rc;
	}
	send_reply("500", "No Destination Left");
	exit;
}
branch_route[OUT] {
	if ($rU =~ "^1" && $xavp(frt=>id) == "gw1") drop;
}
onsend_route {
	if ($rU =~ "^3" && $sndto(ip) == "${gw1}") drop;
}
failure_route[NEXT] {
	if ($rU =~ "^8") {
		if (frt_next()) t_relay();
		exit;
	}
	if (frt_should_failover() && frt_next()) {
		if ($rU =~ "^6" && !frt_next()) exit;
		route(SEND);
	}
}'''


def story(lab):
    lab.start(relay=RELAY, routes=ROUTES)
    lab.allow_refused()
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")

    def ignored(dst, set_id="carriers"):
        return lab.metric("ignored_total", set_id, dst)
    for n, how in enumerate(("branch_route", "frt_next", "onsend_route"), 1):
        lab.place_many(range(100 * n, 100 * n + CALLS))
        told = lab.dst("gw1")
        seen = (told["health"], told["failed"], ignored("gw1"), told["calls"])
        assert seen == ("up", 0, n * CALLS, 0), f"{how}: {seen}"
    assert gw1.requests == [] and len(gw2.calls) == 3 * CALLS

    gw3.close()
    lab.place_many(range(400, 400 + CALLS))
    assert lab.dst("gw3", "refusing")["failed"] == CALLS and ignored("gw3", "refusing") == 0

    # no address, or no socket for it
    lab.log.allow("no corresponding", "could not resolve", "failed to resolve", "failure to add")
    lab.place_many(range(500, 500 + CALLS))
    assert lab.dst("gw6", "nowhere")["failed"] == CALLS and ignored("gw6", "nowhere") == 0

    # selected and passed over in a failure_route
    gw1.reject(503)
    lab.place("600", expect=500)
    assert lab.dst("gw2")["failed"] == 0 and ignored("gw2") == 1
    assert len(gw2.calls) == 5 * CALLS

    # the script leaves it at that, in its request route or failure_route
    lab.allow_log("t_forward_noack failed")
    lab.place("700", expect=477)
    assert (lab.dst("gw3", "refusing")["failed"], lab.dst("gw3", "refusing")["calls"]) == (CALLS + 1, 0)
    lab.place("800", expect=500)
    assert (lab.dst("gw3", "second")["failed"], lab.dst("gw3", "second")["calls"]) == (1, 0)
