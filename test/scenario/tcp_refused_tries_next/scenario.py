"""A refused TCP connection is a transport failure: the call goes on at once.

tm calls no failure route for it, so the module must look for the next destination
right there (design section 6, first row; sdk: a send that fails at once). When every
destination refuses, the caller gets one final response, not two.
"""

RELAY = '''if (!frt_relay("carriers")) send_reply("500", "No destination");
	xlog("L_NOTICE", "AFTER $rU: $xavp(frt=>path)\\n");'''


def story(lab):
    lab.start(relay=RELAY)
    lab.allow_refused()
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")

    call = lab.place("100", transport="tcp")  # healthy first: TCP in, TCP out
    assert call.finals == [200] and gw1.calls[0].transport == "tcp"

    gw1.close()
    lab.wait_closed(gw1)
    for transport in ("udp", "tcp"):
        call = lab.place("100", transport=transport)
        assert call.finals == [200] and call.pdd_ms < 1000
    assert [len(g.calls) for g in (gw1, gw2, gw3)] == [1, 2, 0]
    assert gw2.calls[0].transport == "tcp"
    first = lab.dst("gw1")
    assert first["failed"] == 2 and first["timeouts"] == 0

    gw2.close()
    lab.wait_closed(gw2)
    call = lab.place("100")
    assert call.finals == [200] and call.pdd_ms < 1000 and len(gw3.calls) == 1

    # the last one over TCP too: nobody is left, and the caller hears it once
    lab.edit_xml(("${gw3}\"", "${gw3};transport=tcp\""))
    lab.rpc("failover_route.reload")
    gw3.close()
    call = lab.place("101", expect=500)
    assert call.finals == [500] and call.final_ms < 2000
    lab.place("101", expect=500, transport="tcp")
    lab.wait(lambda: len(call.finals) == 1, "still one final response")
    # acc sees it so; the script says it after the answer
    lab.wait(lambda: lab.log.count("AFTER 101: gw2:503>gw3:503") == 2, "what the script says")
