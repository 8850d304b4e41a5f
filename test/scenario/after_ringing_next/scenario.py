"""after-ringing="next" allows the failover that is off by default.

A 503 after 180 goes on to the next destination, a busy phone still does not.
"""


def story(lab):
    lab.start()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")

    gw1.ringing_then(503, after=0.1)
    call = lab.place("100")
    assert call.codes == [180, 180, 200] and call.finals == [200]
    assert len(gw1.calls) == 1 and len(gw2.calls) == 1

    gw1.ringing_then(486, after=0.1)
    assert lab.place("101", expect=486).codes == [180, 486]

    gw1.ringing()
    call = lab.call("102")
    call.wait_code(180)
    call.cancel()
    assert call.wait_final() == 487
    assert len(gw2.calls) == 1

    # It holds for a destination that is removed while it rings, too.
    gw1.ringing()
    call = lab.call("103")
    call.wait_code(180)
    lab.rpc("failover_route.remove", "carriers", "gw1")
    gw1.respond_later(0, gw1.calls[-1], 503)
    assert call.wait_final() == 200 and call.codes == [180, 180, 200]
    assert len(gw2.calls) == 2
