"""A limping gateway gets one trial call per hold, however many workers choose at once.

It answers pings, and each call after 400 ms with 503. While that one call is out, some
forty others are placed through eight workers: none of them goes there. Counted at the
gateway over many holds.
"""
LIMIT = 120
HOLD = 1.0  # s, the shortest


def story(lab):
    lab.start(listen="children=8\n")
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.reject(503)
    lab.place_many(range(100, 103))
    lab.wait_health("gw1", "down")
    gw1.reject(503, delay=0.4)
    gw1.clear()
    gw2.clear()

    loads = [lab.load(rate=50, seconds=20, users=range(1000, 1400)) for _ in range(2)]
    for load in loads:
        load.wait()
        assert (load.connected, load.failed) == (1000, 0), load.errors
    lab.wait(lambda: lab.health("gw1") == "down", "the last trial is over")

    steps = lab.steps("gw1")
    trials = steps.count(("trial", "down"))
    assert steps[0] == ("up", "down") and set(steps[1:]) == {("down", "trial"), ("trial", "down")}
    assert 7 <= trials <= 20, trials  # 20 s; holds of 2 s and a trial of 0.4 s
    times = [r.time for r in gw1.calls]
    assert len(times) == trials
    assert min(b - a for a, b in zip(times, times[1:])) > HOLD
    assert len(gw2.calls) == 2000 and lab.dst("gw1")["ok"] == 0
    assert lab.dst("gw1")["calls"] == 0
