"""A late 200 over TCP or TLS is acknowledged and hung up over the same kind of transport.

Ten calls each: given up after 600 ms, answered by the next gateway; then the first one's
200 comes. Each gets an ACK and one BYE there; the caller never hears of it.
"""

RELAY = '''$var(set) = "carriers";
	if ($rU =~ "^2") $var(set) = "secure";
	if (!frt_relay("$var(set)")) send_reply("500", "No destination");'''


def story(lab):
    lab.start(relay=RELAY, tls=True)
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.mode = lambda r: [(3.0, 200, None)]
    for set_id, transport, first in (("carriers", "tcp", 100), ("secure", "tls", 200)):
        gw1.clear()
        calls = [lab.call(str(first + i)) for i in range(10)]
        for call in calls:
            assert call.wait_final() == 200
            assert gw2.host in call.final.get("contact")
        lab.wait(lambda: len(gw1.byes) == 10 and len(gw1.acks) >= 10, "ACK and BYE of each")
        assert {r.transport for r in gw1.byes + gw1.acks + gw1.calls} == {transport}
        assert sorted(r.call_id for r in gw1.byes) == sorted(c.call_id for c in calls)
        for bye in gw1.byes:
            invite = next(r for r in gw1.calls if r.call_id == bye.call_id)
            assert bye.msg.to_tag == invite.tag and bye.cseq == invite.cseq + 1
        for call in calls:
            assert call.finals == [200] and call.requests == [] and call.bye() == 200
        told = lab.dst("gw1", set_id)
        assert (told["late"], told["timeouts"], told["calls"]) == (10, 10, 0)
