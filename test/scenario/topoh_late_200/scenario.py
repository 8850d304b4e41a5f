"""With topoh, which hides the Call-ID, the late answer of a destination is hung up by the one it knows."""

PARAMS = '''modparam("topoh", "mask_key", "some secret")
modparam("topoh", "mask_ip", "192.0.2.1")
modparam("topoh", "mask_callid", 1)
'''


def story(lab):
    lab.start(modules=["topoh"], modparams=PARAMS)
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.mode = lambda r: [(0.8, 200, None)]
    call = lab.place("100")
    assert call.finals == [200] and gw2.users == ["100"]
    lab.wait(lambda: gw1.byes, "gw1's late answer is hung up")
    assert {r.call_id for r in gw1.requests} == {gw1.calls[0].call_id} != {call.call_id}
    lab.wait(lambda: not gw1.hanging, "gw1 has no call left")
