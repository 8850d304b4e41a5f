"""An event route may reload, list and call every function without hanging anybody.

Peers row 11: dispatcher's reload from its own event route hangs the worker for good,
because the route runs inside the walk over the table.
"""

ROUTES = '''
event_route[failover_route:dst-down] {
	jsonrpc_exec('{"jsonrpc": "2.0", "method": "failover_route.reload", "id": 1}');
	xlog("L_NOTICE", "in dst-down: $jsonrpl(code)\\n");
	jsonrpc_exec('{"jsonrpc": "2.0", "method": "failover_route.list", "id": 2}');
	if (frt_is_up("carriers") && !frt_is_up("carriers", "gw1") && frt_exists("carriers")) {
		xlog("L_NOTICE", "in dst-down: tests agree\\n");
	}
}
event_route[failover_route:reload] {
	$var(n) = $shv(reloads) + 1;
	$shv(reloads) = $var(n);
	xlog("L_NOTICE", "in reload $shv(reloads)\\n");
	if ($shv(reloads) < 5) {
		jsonrpc_exec('{"jsonrpc": "2.0", "method": "failover_route.reload", "id": 3}');
	}
}
'''


def story(lab):
    lab.start(routes=ROUTES)
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    lab.log.wait_for("in reload 5")  # the load at start set off four more
    gw1.reject(503)
    lab.place_many((100, 101, 102))
    lab.log.wait_for("in dst-down: 200")
    lab.log.wait_for("in dst-down: tests agree")
    lab.log.wait_for("in reload 6")
    assert lab.rpc("failover_route.list")["generation"] == 6
    assert lab.health("gw1") == "down"
    load = lab.load(rate=20, seconds=2, users=range(1000, 1020)).wait()
    assert (load.connected, load.failed) == (40, 0)
    assert len(gw2.calls) == 43 and len(gw1.calls) == 3
