"""A destination that returns gets one call at a time, then a growing share.

Trial: one live call, the others pass it by. Ramp: from 10 % of its weight to all of it,
so that a cold gateway is not drowned (design section 7). A failed trial doubles the hold.
"""
import re

LIMIT = 120


def story(lab):
    lab.start()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.reject(503)
    gw2.reject(486)
    users = iter(range(1000, 9999))

    def text():
        return lab.call(str(next(users)), method="MESSAGE").wait_final()
    lab.wait(lambda: text() and lab.health("gw1") == "down", "gw1 is down")
    hold = lab.dst("gw1")["hold_ms"]
    assert hold <= 1200
    gw2.answer()
    lab.wait_health("gw1", "trial", limit=5)
    seen = gw1.count("MESSAGE")
    lab.wait(lambda: text() and lab.health("gw1") == "down", "the trial failed")
    assert gw1.count("MESSAGE") == seen + 1
    held = re.search(r"; hold ([\d.]+) s$", lab.dst("gw1")["reason"])
    assert held and 1.2 < float(held[1]) <= 2.4, held  # doubled

    lab.wait_health("gw1", "trial", limit=8)
    # while its one trial call is under way it gets no other: 100 at once, 180 late
    gw1.mode = lambda r: [(0, 100, None), (2.0, 180, None), (2.03, 200, None)]
    while not gw1.calls:
        slow = lab.call(str(next(users)))
        lab.wait(lambda: gw1.calls or slow.pdd_ms, "an answer, or the call at gw1")
    lab.place_many([next(users) for _ in range(20)])
    assert len(gw1.calls) == 1 and lab.health("gw1") == "trial"
    gw1.answer()
    assert slow.wait_final() == 200
    told = lab.wait_health("gw1", "ramp")
    assert 10 <= told["effective_weight"] < 60

    load = lab.load(rate=200, seconds=1, users=range(1000, 1100), method="MESSAGE").wait()
    assert load.connected == 200
    early = gw1.count("MESSAGE") / 200
    told = lab.wait_health("gw1", "up", limit=12)
    assert told["effective_weight"] == 100
    gw1.clear()
    lab.load(rate=200, seconds=2, users=range(1000, 1100), method="MESSAGE").wait()
    assert early < 0.45 and 0.35 < gw1.count("MESSAGE") / 400 < 0.65
