"""Test calls are seldom, whatever is asked for, and take no place of a call.

Every ten seconds at most, though the interval says 1 s, one has failed and calls fail
meanwhile. None goes to a destination that is full, unless another set wants to know
whether it is back; and then its refusal is no evidence against the one that is full.
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

    gw.mode = lambda r: [(0, 503, None)] if r.user == "100" else [(0, 180, None)]
    call = lab.call("202")
    lab.wait(lambda: "202" in gw.users, "a call that rings")
    lab.rpc("failover_route.set_health", "other", "gw1", "down")
    lab.wait(lambda: len(tests(gw)) == 5, "the fifth, for the other set", limit=20)
    for n in (6, 7):
        lab.rpc("failover_route.probe", "other", "gw1")
        lab.wait(lambda: len(tests(gw)) == n, "one that is ordered")
    lab.wait(lambda: "probe" in lab.dst("gw1", "other")["sources"], "what the other set makes of it")
    assert lab.dst("gw1")["sources"] == []
    assert call.cancel() == 200
