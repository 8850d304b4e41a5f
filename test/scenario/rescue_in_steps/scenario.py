"""Calls that the script routes in steps are moved on as well, and so are other requests.

Its failure_route runs as at a timeout, finds "next" and goes on. A script without a
failure_route has nowhere to go: its calls are left where an answer may yet come.
"""
import time

RELAY = '''if (!frt_select("carriers")) { send_reply("500", "None"); exit; }
	if (!($rU =~ "^9")) t_on_failure("NEXT");
	if (!t_relay()) send_reply("500", "Not sent");'''
ROUTES = '''failure_route[NEXT] {
	if (t_is_canceled()) exit;
	xlog("L_NOTICE", "failed: $rU $frt(id) $frt(reason) path=$frt(path)\\n");
	if (frt_should_failover() && frt_next()) {
		t_on_failure("NEXT");
		t_relay();
		exit;
	}
}'''


def story(lab):
    lab.start(relay=RELAY, routes=ROUTES)
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.mode = lambda r: [(2.0, 180, None), (2.1, 200, None)] if r.user == "900" else []
    calls = [lab.call(str(100 + i)) for i in range(50)]
    texts = [lab.call(str(200 + i), method="MESSAGE") for i in range(20)]
    lonely = lab.call("900")
    gw1.wait_calls(51)
    lab.wait(lambda: gw1.count("MESSAGE") == 20, "the texts at gw1")
    since = time.monotonic()
    lab.rpc("failover_route.set_health", "carriers", "gw1", "down")
    for call in calls + texts:
        assert call.wait_final() == 200 and call.finals == [200]
    assert time.monotonic() - since < 6
    assert (len(gw2.calls), gw2.count("MESSAGE")) == (50, 20)
    assert lab.log.count(r"failed: 1\d\d gw1 went down path=gw1:408$") == 50
    for call in calls:
        assert call.bye() == 200
    assert lonely.wait_final() == 200 and lonely.final_ms > 1900
    lonely.bye()
    told = lab.dst("gw1")
    assert (told["attempts"], told["rescued"], told["failovers"]) == (71, 70, 70)
    assert (told["failed"], told["timeouts"], told["calls"]) == (0, 0, 0)
