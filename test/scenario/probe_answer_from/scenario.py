"""From where the answer to a ping counts: where it was sent to, over whatever it went.

By way of an outbound proxy that is the proxy, not the gateway behind it. TCP, TLS and
IPv6 answer as ever. What a caller could forge is in test/torture/forged_pings.
"""
import re

from lib.sipnet import UdpChannel

ASKED = (("gw1", "proxied"), ("gw3", "tcp"), ("gw3", "tls"), ("gw4", "six"))


def forged(lab):
    return int(re.search(r"frt_forged = (\d+)", lab.kamcmd("stats.get_statistics", "failover_route:"))[1])


def story(lab):
    lab.allow_log(r"WARNING: .*answer to a probe")
    lab.start(tls=True, ipv6=True)
    gw1, proxy, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    gw4 = lab.gateway("gw4", ipv6=True)
    for dst_id, set_id in ASKED:
        lab.wait_health(dst_id, "up", set_id)
    lab.wait(lambda: len(proxy.options) >= 2 and len(gw4.options) >= 2, "pings of all")
    lab.wait(lambda: {r.transport for r in gw3.options} == {"tcp", "tls"}, "pings over both")
    assert not gw1.options and forged(lab) == 0

    for gw in (proxy, gw3, gw4):
        gw.ping_code = 503
    for dst_id, set_id in ASKED:
        lab.wait_health(dst_id, "down", set_id)
    assert forged(lab) == 0
    for gw in (proxy, gw3, gw4):
        gw.ping_code = 200
    for dst_id, set_id in ASKED:
        lab.wait_health(dst_id, "up", set_id)

    # who is behind the proxy was not asked
    proxy.ping_code = None
    lab.wait_health("gw1", "down", "proxied")
    seen = len(proxy.requests)
    for n in range(1, 4):
        lab.wait(lambda: len(proxy.requests) > seen, "a ping")
        seen = len(proxy.requests)
        request = proxy.requests[-1]
        before = forged(lab)
        sender = UdpChannel(gw1._ports[0], request.channel.peer)
        gw1.reactor.call(sender.send, proxy.response(request, 200, None))
        lab.wait(lambda: forged(lab) == before + 1, f"forgery {n} was seen", limit=8)
    assert lab.health("gw1", "proxied") == "down"
    assert lab.log.wait_for(rf"the answer to a probe of {proxy.host} came from {gw1.host} and is not believed")
    proxy.ping_code = 200
    lab.wait_health("gw1", "up", "proxied")
