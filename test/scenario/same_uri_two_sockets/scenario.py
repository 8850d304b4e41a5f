"""The same gateway by two local sockets is two destinations, each with its own health.

Peers row 16: dispatcher lets them share one state. Here the gateway blocks one of our
ports (a firewall, say): that destination goes down, the other carries the calls.
"""


def story(lab):
    lab.start(listen="listen=udp:${kam}:5070\n")
    gw1 = lab.gateway("gw1")
    lab.place("100")
    assert gw1.calls[0].source == (lab.slot.kam, 5060)
    lab.rpc("failover_route.set_health", "carriers", "a", "down")
    assert [lab.health(d) for d in "ab"] == ["down", "up"]
    lab.place("101")
    assert gw1.calls[1].source == (lab.slot.kam, 5070)
    assert ":5070" in gw1.calls[1].get("via")
    lab.rpc("failover_route.set_health", "carriers", "a", "up")

    lab.wait(lambda: {r.source[1] for r in gw1.options} == {5060, 5070}, "pings by both sockets")
    gw1.filter = lambda msg, channel: channel.peer[1] != 5060
    lab.wait_health("a", "down")
    assert lab.health("b") == "up" and lab.dst("a")["sources"] == ["probe"]
    call = lab.place("102")
    assert call.pdd_ms < 7500 and gw1.calls[-1].source[1] == 5070
    gw1.filter = None
    lab.wait_health("a", "up")
    lab.place("103")
    assert gw1.calls[-1].source[1] == 5060
