"""A branch of the script's own is answered in the moment when ours turns out to reach nobody.

That answer may have been relayed by then: there is no second one to give, nor an error to report.
"""
CALLS = 100
RELAY = '''append_branch("sip:$rU@${gw3}");
	if (!frt_relay("carriers")) send_reply("500", "No destination");'''


def story(lab):
    lab.start(modules=["corex"], listen="tcp_async=no\n", relay=RELAY)
    lab.allow_refused()
    lab.allow_log(r"tcp_do_connect\(\)", r"tcpconn_connect\(\)", r"tcp_send\(\)")
    gw3, = lab.gateways_named("gw3")
    gw3.reject(404)
    for _ in range(CALLS):
        assert lab.place("100", expect=404).finals == [404]
    lab.wait_transactions()
    assert lab.dst("a")["failed"] > 0 and len(gw3.calls) == CALLS
