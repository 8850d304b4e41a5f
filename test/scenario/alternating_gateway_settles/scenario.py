"""A gateway that answers every other call with 503 settles, it does not oscillate.

Its pings are good and half of its calls are, so each hold ends in a return; but each
return that fails again doubles the next hold. In the end it has hardly any calls, and
no caller has noticed a thing.
"""
import itertools

LIMIT = 120
SECONDS = 32


def story(lab):
    lab.start()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    turn = itertools.count()
    gw1.mode = lambda r: [(0, 503, None)] if next(turn) % 2 == 0 \
        else [(0, 180, None), (0.03, 200, None)]
    load = lab.load(rate=20, seconds=SECONDS, users=range(1000, 1100)).wait()
    assert (load.connected, load.failed) == (20 * SECONDS, 0), load.errors

    downs = [t["time"] for t in reversed(lab.history("carriers"))
             if t["destination"] == "gw1" and t["to"] == "down"]
    gaps = [(b - a) / 1000 for a, b in zip(downs, downs[1:])]
    assert 3 <= len(downs) <= 9, gaps
    assert gaps[-1] > 7.5 and gaps[-1] > 3 * gaps[0], gaps  # 1, 2, 4, 8, 8 ... s
    assert len(gw1.calls) < 100  # of 640
    begun = gw1.calls[0].time
    late = [r for r in gw1.calls if r.time > begun + SECONDS - 8.5]
    assert len(late) <= 20, len(late)  # one return in the last hold's time
