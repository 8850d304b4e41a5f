"""The same over IPv6: refused TCP, silence on UDP, then an answer.

The caller, Kamailio and three gateways are on ::1; the fourth is on IPv4, so that
the last failover crosses the address family (issue point 5).
"""


def story(lab):
    lab.start(ipv6=True)
    lab.allow_refused()
    gw1, gw2, gw3 = [lab.gateway(n, ipv6=True) for n in ("gw1", "gw2", "gw3")]
    gw4 = lab.gateway("gw4")

    for transport in ("udp", "tcp"):
        assert lab.place("100", ipv6=True, transport=transport).finals == [200]
    assert len(gw1.calls) == 2 and gw1.calls[0].transport == "tcp"
    assert gw1.calls[0].source[0] == "::1" and len(gw1.byes) == 2

    gw1.close()
    gw2.blackhole()
    call = lab.place("100", ipv6=True)
    assert call.finals == [200] and 430 <= call.pdd_ms < 5000
    assert len(gw2.calls) == 1 and len(gw3.calls) == 1
    assert gw3.calls[0].source == ("::1", lab.slot.port6("kam"), 0, 0)

    gw3.reject(503)
    call = lab.place("100", ipv6=True)
    assert call.finals == [200] and len(gw4.calls) == 1
    assert gw4.calls[0].source[0] == lab.slot.kam
    assert [lab.dst(g)["failed"] for g in ("gw1", "gw2", "gw3", "gw4")] == [2, 2, 1, 0]
