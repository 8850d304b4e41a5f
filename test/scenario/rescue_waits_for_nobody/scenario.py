"""A call that is being sent to several at once waits for a connection; other calls are rescued meanwhile.

Without tcp_async the worker itself waits, with tm's lock of that call. Its own turn comes later.
"""
from lib.full import Full

RELAY = '''$var(set) = "carriers";
	if ($rU =~ "^1") $var(set) = "at-once";
	if (!frt_relay("$var(set)")) send_reply("500", "No destination");'''


def story(lab):
    lab.start(listen="tcp_async=no\ntcp_connect_timeout=20\n", relay=RELAY)
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    gw1.deaf()
    gw2.deaf()
    with Full(lab, "gw4"):
        held = lab.call("100")
        gw1.wait_calls(1)
        lab.wait(lambda: lab.dst("full", "at-once")["calls"] == 1, "it waits for a connection")
        call = lab.call("200")
        gw2.wait_calls(1)
        lab.rpc("failover_route.set_health", "at-once", "gw1", "down")
        lab.rpc("failover_route.set_health", "carriers", "gw2", "down")
        assert call.wait_final(40) == 200
        assert lab.dst("full", "at-once")["failed"] == 0 and held.status is None
    assert held.wait_final(40) == 200
    assert gw3.users == ["200", "100"]
    assert lab.dst("gw1", "at-once")["rescued"] == lab.dst("gw2")["rescued"] == 1
