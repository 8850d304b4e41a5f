"""The primary fails, the secondary takes over; the primary returns by trial and ramp.

Calls in progress on the secondary are not disturbed when it returns (the issue's
classic table), and no call is lost on the way back.
"""
LIMIT = 120


def story(lab):
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    lab.start()
    lab.place("100")
    gw1.deaf()
    lab.place_many((101, 102, 103))
    lab.wait_health("gw1", "down")
    talking = lab.call("104")
    assert talking.wait_final() == 200 and gw2.users[-1] == "104"

    gw1.answer()
    gw1.clear()
    load = lab.load(rate=20, seconds=15, users=range(1000, 1100))
    lab.wait(lambda: lab.health("gw1") == "up", "gw1 is fully up", limit=30)
    load.wait()
    assert (load.connected, load.failed) == (300, 0), load.errors
    assert lab.steps("gw1") == [("up", "down"), ("down", "trial"), ("trial", "ramp"), ("ramp", "up")]
    assert len(gw1.calls) > 50

    # what was in progress on gw2 still is
    assert talking.requests == [] and gw2.byes == [b for b in gw2.byes if b.call_id
                                                   != talking.call_id]
    assert talking.reinvite() == 200
    assert talking.bye() == 200
    assert any(b.call_id == talking.call_id for b in gw2.byes)
    gw2.clear()
    lab.place_many(range(200, 210))
    assert gw2.calls == []
