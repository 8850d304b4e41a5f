"""A retransmission is tm's, also where the script does not ask for it and there is no place left
at any destination: the first one has that place. A request of another is refused.
"""


def story(lab):
    gw1, = lab.gateways_named("gw1")
    lab.configure(relay='''if (!frt_relay("carriers")) send_reply("503", "Code $rc");''')
    cfg = lab.kamailio.cfg.read_text()
    assert cfg.count("\tt_check_trans();\n") == 1
    lab.kamailio.cfg.write_text(cfg.replace("\tt_check_trans();\n", ""))
    lab.kamailio.start()
    gw1.mode = lambda r: [(4, 200, None)]
    first = lab.call("100", method="MESSAGE")
    lab.wait(lambda: len(gw1.requests) == 1, "it is there")
    other = lab.call("101", method="MESSAGE")
    assert other.wait_final() == 503
    assert first.wait_final() == 200 and first.finals == [200]
    assert lab.metric("exhausted_total") == 1
    assert {r.user for r in gw1.requests} == {"100"} and lab.dst("gw1")["attempts"] == 1

    # its set goes meanwhile
    gw1.clear()
    first = lab.call("102", method="MESSAGE")
    lab.wait(lambda: len(gw1.requests) == 1, "it is there")
    lab.edit_xml(('id="carriers"', 'id="others"'))
    lab.rpc("failover_route.reload")
    assert first.wait_final() == 200 and first.finals == [200]
    lab.place("103", method="MESSAGE", expect=503)
