"""A request inside a call goes where the call is, and nowhere else.

The destination is drained, marked down and refuses the re-INVITE with 503; the call
stays on it. Even a script that calls frt_relay for everything cannot re-dispatch it.
"""


def one_call(lab, gw1, gw2):
    call = lab.call("100")
    assert call.wait_final() == 200
    lab.rpc("failover_route.set_health", "carriers", "gw1", "down")
    assert call.reinvite() == 200
    gw1.in_dialog_code = 503
    assert call.reinvite() in (500, 503)
    gw1.in_dialog_code = 200
    assert call.in_dialog("INFO").wait() == 200
    assert call.bye() == 200
    lab.rpc("failover_route.set_health", "carriers", "gw1", "up")
    assert gw2.requests == []
    assert [gw1.count(m) for m in ("INVITE", "INFO", "BYE")] == [3, 1, 1]
    assert len({r.uri for r in gw1.requests if r.in_dialog and r.method != "ACK"}) == 1
    told = lab.dst("gw1")
    assert (told["failed"], told["failovers"]) == (0, 0)
    gw1.clear()


def story(lab):
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    lab.start()
    one_call(lab, gw1, gw2)
    attempts = lab.dst("gw1")["attempts"]
    assert attempts == 1
    lab.stop()
    lab.start(in_dialog='if (!frt_relay("carriers")) t_relay();')
    one_call(lab, gw1, gw2)
