"""A 100 Trying proves only that something listens: progress-timeout moves the call on.

Peers, measured: 100-then-silence delays every call 30 s. With progress-timeout="3s" the
call goes to the next destination, the silent one gets a CANCEL and a strong fail; a phone
that rings in time may ring on.
"""


def story(lab):
    lab.start()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.trying()
    call = lab.place("100")
    assert call.finals == [200] and 2850 <= call.pdd_ms < 7500
    lab.wait(lambda: len(gw1.cancels) == 1, "CANCEL to the one that only said 100")
    assert len(gw2.calls) == 1 and lab.dst("gw1")["failed"] == 1

    gw1.mode = lambda r: [(0, 100, None), (0.6, 180, None), (2.5, 200, None)]
    call = lab.place("101")  # rings before, answers after
    assert call.codes == [180, 200] and call.final_ms >= 2300
    assert len(gw2.calls) == 1

    gw1.trying()
    lab.place_many((102, 103, 104))
    lab.wait_health("gw1", "down")
