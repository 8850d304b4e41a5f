"""Test calls are seldom, whatever is asked for, and take no place of a call.

Every ten seconds at most, though the interval says 1 s, one has failed and calls fail
meanwhile. None goes to a destination that is full.
"""
import time


def tests(gw):
    return [r for r in gw.calls if r.user == "100"]


def story(lab):
    gw = lab.gateway("gw1")
    gw.reject(503)
    lab.start()
    assert lab.log.count("interval of an INVITE probe is raised to 10s") == 1
    lab.wait(lambda: tests(gw), "the first test call")
    lab.place("200", expect=500)  # a failed call wants a probe at once
    lab.wait_health("gw1", "down", limit=20)
    first, second = tests(gw)
    assert 9.9 < second.time - first.time < 15

    gw.ringing()
    lab.wait(lambda: len(tests(gw)) == 3 and not gw.hanging, "the third", limit=20)
    lab.wait_health("gw1", "up")
    third = tests(gw)[2]
    assert 9.9 < third.time - second.time < 15

    call = lab.call("201")  # rings on
    time.sleep(max(0, third.time + 15 - time.monotonic()))
    assert len(tests(gw)) == 3
    assert call.cancel() == 200
    lab.wait(lambda: len(tests(gw)) == 4 and not gw.hanging, "the fourth", limit=20)
