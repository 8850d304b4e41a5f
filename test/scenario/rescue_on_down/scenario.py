"""When a gateway is found dead, the calls that wait there do not wait for their timers.

Sixty calls are on a gateway that swallows everything. The operator, a probe or live calls
find it down: the calls go to the next gateway at once, none is lost, and the gateway is
blamed once and not sixty times. The operator's drain moves nobody.
"""
import time

CALLS = 60


def waiting_calls(lab, gw1, first):
    gw1.clear()
    calls = [lab.call(str(first + i)) for i in range(CALLS)]
    gw1.wait_calls(CALLS)
    return calls


def all_moved(lab, calls, since, within):
    for call in calls:
        call.wait_final()
        assert call.finals == [200]
    spent = time.monotonic() - since
    assert spent < within, spent
    for call in calls:
        assert call.bye() == 200


def story(lab):
    lab.start()
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    gw1.deaf()

    # drained: calls that are there stay there
    call = lab.call("999")
    gw1.wait_calls(1)
    lab.rpc("failover_route.set_admin", "carriers", "gw1", "drain")
    time.sleep(0.5)
    assert call.codes == [] and gw2.requests == []
    lab.rpc("failover_route.set_admin", "carriers", "gw1", "ready")
    assert call.wait_final() == 200 and call.final_ms > 7500
    call.bye()

    # the operator says down
    calls = waiting_calls(lab, gw1, 1000)
    before = lab.dst("gw1")
    told = time.monotonic()
    lab.rpc("failover_route.set_health", "carriers", "gw1", "down")
    all_moved(lab, calls, told, 5.0)
    after = lab.dst("gw1")
    assert after["failovers"] - before["failovers"] == CALLS
    assert after["rescued"] - before["rescued"] == CALLS
    assert after["failed"] == before["failed"] and after["timeouts"] == before["timeouts"]
    assert after["calls"] == 0 and gw3.requests == [] and gw1.cancels == []
    lab.rpc("failover_route.set_health", "carriers", "gw1", "up")

    # one that rings there stays; so does one that got a 100
    gw1.mode = lambda r: [(0, 180, None), (2.5, 200, None)] if r.user == "1100" \
        else [(0, 100, None), (2.0, 180, None), (2.5, 200, None)] if r.user == "1101" else []
    rings, tries = lab.call("1100"), lab.call("1101")
    rings.wait_code(180)
    gw1.wait_calls(CALLS + 2)

    # three calls time out: traffic finds it down, the others follow at once
    calls = [lab.call(str(1200 + i)) for i in range(3)]
    time.sleep(3)
    gw2.clear()
    later = [lab.call(str(1300 + i)) for i in range(CALLS)]
    lab.wait_health("gw1", "down")
    told = time.monotonic()
    all_moved(lab, calls + later, told, 2.8)
    assert max(c.final_ms for c in later) < 8000  # the try-timeout is 8 s
    assert lab.dst("gw1")["failed"] == before["failed"] + 3
    for call in (rings, tries):
        assert call.wait_final() == 200 and call.finals == [200]
        call.bye()
    assert not {"1100", "1101"} & set(gw2.users)

    # nowhere else to go: who waits is left where an answer may yet come
    lab.rpc("failover_route.set_health", "carriers", "gw1", "up")
    lab.wait(lambda: lab.health("gw1") != "down", "gw1 back", limit=20)
    for name in ("gw2", "gw3"):
        lab.rpc("failover_route.set_health", "carriers", name, "down")
    gw1.mode = lambda r: [(2.0, 180, None), (2.1, 200, None)]
    gw1.clear()
    call = lab.call("1400")
    gw1.wait_calls(1)
    lab.rpc("failover_route.set_health", "carriers", "gw1", "down")
    assert call.wait_final() == 200 and call.finals == [200] and call.final_ms > 1900
    call.bye()
