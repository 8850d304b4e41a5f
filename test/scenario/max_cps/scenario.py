"""max-cps: in no second does a destination get more new calls, and nearly so many it gets.

40 calls a second for five seconds against 10: what is above goes to the next one, none is lost,
and no second of any alignment has eleven at gw1. The gateway's own clock tells, which
sees what waited in a socket a little later than Kamailio sent it.
"""
SLACK = 0.02  # seconds: calls that were sent apart may be seen together


def most_in(seconds, times):
    """The most of the times that any window holds."""
    return max(sum(1 for t in times if start <= t < start + seconds) for start in times)


def story(lab):
    lab.start()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    load = lab.load(rate=40, seconds=5).wait()
    assert load.connected == load.placed == 200
    times = [r.time for r in gw1.calls]
    assert most_in(1.0 - SLACK, times) <= 10
    # saturated: ten in each of its seconds
    assert len(times) >= 10 * int(times[-1] - times[0])
    assert len(times) + len(gw2.calls) == load.placed
    told = lab.dst("gw1")
    assert told["full"] > 0 and told["health"] == "up" and told["failovers"] == 0
