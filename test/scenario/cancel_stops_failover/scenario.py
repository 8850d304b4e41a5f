"""When the caller has hung up, nobody else's phone may ring.

CANCEL while the first gateway is silent, rings, is about to send 503, and while the
second one is being tried: no further attempt is made, and none of it counts against
a gateway (design section 6: caller cancelled, stop, ignore).
"""


def cancelled(lab, call):
    assert call.cancel() == 200
    assert call.wait_final() == 487
    assert call.finals == [487]


def story(lab):
    lab.start()
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")

    gw1.blackhole()
    call = lab.call("100")
    gw1.wait_calls(1)
    cancelled(lab, call)
    assert gw1.cancels == []  # it never sent a provisional response

    gw1.ringing()
    call = lab.call("101")
    call.wait_code(180)
    cancelled(lab, call)
    assert len(gw1.cancels) == 1

    gw1.honours_cancel = False  # its 503 crosses the CANCEL
    for user, plan in (("102", [(0, 100, None), (0.5, 503, None)]), ("103", [(1.0, 503, None)])):
        before = len(gw1.calls)
        gw1.mode = lambda r: plan
        call = lab.call(user)
        gw1.wait_calls(before + 1)
        assert call.cancel() == 200
        call.wait_final()
        assert call.finals in ([487], [500])
    assert gw2.requests == []
    told = lab.dst("gw1")
    assert (told["attempts"], told["failed"], told["timeouts"]) == (4, 0, 0)

    gw1.reject(503)
    gw2.blackhole()
    call = lab.call("104")  # the second branch
    gw2.wait_calls(1)
    cancelled(lab, call)
    assert len(gw2.calls) == 1 and gw3.requests == []
    assert lab.dst("gw2")["failed"] == 0 and lab.dst("gw2")["timeouts"] == 0
