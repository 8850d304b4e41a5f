"""A machine that stood still, or whose clock is set forward, blames no destination.

Kamailio's timer makes up for the time in one step, up to 5 s later, and so ends all that waits
just then: those calls go on elsewhere, and count as nobody's timeout.
"""
import os
import signal
import time


def story(lab):
    # the time that is made up for is longer than a transaction may last
    lab.start(listen="children=4\n", modparams='modparam("tm", "max_inv_lifetime", 3500)\n')
    for gw in lab.gateways_named("gw1", "gw2"):
        gw.mode = lambda request: [(0.4, 200, None)]
    load = lab.load(rate=40, seconds=14, users=range(1000, 1100))
    lab.wait(lambda: lab.dst("gw1")["ok"] > 10, "calls")
    os.killpg(lab.kamailio.pid, signal.SIGSTOP)
    time.sleep(4)
    os.killpg(lab.kamailio.pid, signal.SIGCONT)

    def moved():
        return sum(d["failovers"] for d in lab.set()["destinations"])
    lab.wait(moved, "calls are moved on", limit=20)
    load.wait()
    assert (load.connected, load.failed) == (load.placed, 0), load.errors
    for told in lab.set()["destinations"]:
        assert (told["health"], told["failed"], told["timeouts"]) == ("up", 0, 0), told
    assert lab.history() == []
