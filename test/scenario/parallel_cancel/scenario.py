"""The caller hangs up: every branch is cancelled, nobody is blamed, no further tier is tried."""


def story(lab):
    lab.start()
    gw1, gw2, gw3, gw4 = gws = lab.gateways_named("gw1", "gw2", "gw3", "gw4")

    gw1.ringing()
    gw2.trying()
    gw3.deaf()
    call = lab.call("100")
    for gw in (gw1, gw2, gw3):
        gw.wait_calls(1)
    call.wait_code(180)
    assert call.cancel() == 200
    lab.wait(lambda: len(gw1.cancels) == len(gw2.cancels) == 1, "CANCEL to those who spoke")
    assert call.wait_final() == 487 and call.finals == [487]
    assert gw4.requests == []

    # what they say meanwhile is nobody's evidence
    for gw in (gw1, gw2):
        gw.honours_cancel = False
    gw1.mode = lambda r: [(0, 180, None), (0.5, 503, None)]
    gw2.mode = lambda r: [(0, 100, None), (0.4, 480, None)]
    for user in range(101, 106):
        before = len(gw2.calls)
        call = lab.call(str(user))
        call.wait_code(180)
        gw2.wait_calls(before + 1)
        assert call.cancel() == 200
        call.wait_final()
        assert len(call.finals) == 1 and call.finals[0] >= 400
    told = [lab.dst(g.name) for g in gws]
    assert [(d["failed"], d["timeouts"], d["calls"]) for d in told] == [(0, 0, 0)] * 4
    assert {d["health"] for d in told} == {"up"} and gw4.requests == []
    assert lab.set()["destinations"][0]["failovers"] == 0

    # after a 603 that has cancelled the other one already, which answers all the same
    gw1.reject(603, delay=0.4)
    gw2.mode = lambda r: [(0, 180, None), (1.6, 200, None)]
    gw2.clear()
    call = lab.call("109")
    call.wait_code(180)
    lab.wait(lambda: gw2.cancels, "CANCEL for the 603")
    assert call.cancel() == 200
    assert call.wait_final() == 200 and call.finals == [200] and call.bye() == 200
    assert gw2.count("BYE") == 1

    # two answer as the caller hangs up: one answer or none, and nobody left off the hook
    gw1.mode = gw2.mode = lambda r: [(0, 180, None), (0.3, 200, None)]
    for gw in gws:
        gw.clear()
    call = lab.call("110")
    call.wait_code(180)
    assert call.cancel() == 200
    call.wait_final()
    assert call.finals in ([200], [487])
    if call.finals == [200]:
        assert call.bye() == 200
    lab.wait(lambda: gw1.count("BYE") == gw2.count("BYE") == 1, "both hung up")
    assert call.requests == []
