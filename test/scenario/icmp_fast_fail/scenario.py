"""A closed UDP port costs a call milliseconds, not its try-timeout of 4 s.

The kernel of the dead gateway answers with "port unreachable" and quotes the request. The
module hears it on a raw socket, finds the branch in flight and moves the call on; three of
them take the gateway down by traffic, and a probe that is refused so has failed at once.
"""

RELAY = '''$var(set) = "carriers";
	if ($rU =~ "^2") $var(set) = "anywhere";
	if (!frt_relay("$var(set)")) send_reply("500", "None");'''


def story(lab):
    port = lab.slot.port6("any")
    lab.start(relay=RELAY, listen=f"listen=udp:0.0.0.0:{port}\n", any_port=str(port))
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    if lab.log.find("no raw ICMP socket"):
        raise lab.Skip("no raw ICMP sockets on this machine")
    gw1.close()
    call = lab.place("100")
    assert call.finals == [200] and call.pdd_ms < 3800
    told = lab.dst("gw1")
    assert (told["attempts"], told["failed"], told["timeouts"], told["failovers"]) == (1, 1, 0, 1)

    lab.place("101", headers={"X-Long": "x" * 1200})  # more than is quoted
    call = lab.place("102")
    told = lab.wait_health("gw1", "down")  # transport errors need no second witness
    assert told["sources"] == ["traffic"] and told["attempts"] == 3
    assert [len(g.calls) for g in (gw2, gw3)] == [3, 0]
    assert max(c.pdd_ms for c in lab.place_many(("103", "104"))) < 3800

    gw2.close()  # in the middle of a call that waits there: the retransmission finds out
    gw2.open()
    gw2.blackhole()
    call = lab.call("105")
    gw2.wait_calls(1 + 5)
    gw2.close()
    assert call.wait_final() == 200 and call.final_ms < 3800
    assert len(gw3.calls) == 1 and lab.dst("gw2")["failovers"] == 1

    # out of a socket that listens on every address
    lab.gateway("gw4").close()
    call = lab.place("200")
    assert call.finals == [200] and call.pdd_ms < 3800
    assert lab.dst("gw4", "anywhere")["failed"] == 1

    # a text is moved on as well
    gw2.open()
    gw2.close()
    text = lab.place("106", method="MESSAGE")
    assert text.finals == [200] and text.final_ms < 3800

    # a probe hears it too: down after fall probes, long before their timeouts of 2 s
    lab.edit_xml(('<probe enabled="no"/>',
                  '<probe interval="30s" fast-interval="200ms" timeout="5s" fall="3"/>'))
    lab.rpc("failover_route.reload")
    lab.rpc("failover_route.probe", "carriers", "gw2")
    told = lab.wait_health("gw2", "down", limit=12)  # their timeouts would take 15 s
    assert "probe" in told["sources"]
