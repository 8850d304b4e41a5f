"""Fifty calls a second for a minute, and the primary's port is closed in the middle.

The issue's first "done when": no call is lost, and after the third failure no further
call is sent to it but trials. The callers notice one try-timeout at most.
"""
import time

LIMIT = 180


def story(lab):
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    lab.start()
    for gw in (gw1, gw2):
        gw.mode = lambda r: [(0, 200, None)]  # what rings or talks there dies with it
    load = lab.load(rate=50, seconds=60, users=range(1000, 1200), hold=0)
    lab.wait(lambda: len(gw1.calls) >= 1200, "twenty-odd seconds of calls", limit=60)
    before = lab.dst("gw1")["attempts"]
    lab.wait(gw1.close_if_quiet, "a moment without a call", step=0.001)
    lab.wait_health("gw1", "down", limit=10)
    down_at = lab.dst("gw1")["attempts"]
    # the calls of one try-timeout were on their way when the third failed
    assert down_at - before <= 50 * 0.5 + 15
    time.sleep(15)
    assert lab.dst("gw1")["attempts"] == down_at
    gw1.open()
    load.wait()
    assert (load.placed, load.connected, load.failed) == (3000, 3000, 0), load.errors
    assert load.quantile(0.5) < 200 and load.quantile(1.0) < 2500
    assert len(gw2.calls) > 1000 and gw3.calls == []
    told = lab.dst("gw1")
    assert told["failed"] <= 50 * 0.5 + 18
    lab.wait(lambda: lab.dst("gw2")["calls"] == 0 == lab.dst("gw1")["calls"], "no call is counted")
