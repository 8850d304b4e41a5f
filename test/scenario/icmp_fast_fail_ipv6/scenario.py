"""A closed UDP port of an IPv6 gateway costs a call milliseconds as well (ICMPv6)."""


def story(lab):
    lab.start(ipv6=True)
    gw1, gw2 = lab.gateway("gw1", ipv6=True), lab.gateway("gw2", ipv6=True)
    if lab.log.find("no raw ICMP"):
        raise lab.Skip("no raw ICMPv6 sockets on this machine")
    gw1.close()
    for user in ("100", "101", "102"):
        call = lab.place(user, ipv6=True)
        assert call.finals == [200] and call.pdd_ms < 1000
    assert len(gw2.calls) == 3
    told = lab.wait_health("gw1", "down")
    assert (told["failed"], told["timeouts"]) == (3, 0)
