"""Two hundred and fifty calls wait on one gateway when it goes down, and all of them arrive.

Moved all at once they would overflow the next gateway's receive buffer; they go 32 at a
time instead. Each is counted once. Over UDP and over TCP.
"""
import time

CALLS = 250


def one_round(lab, gw1, gw2, transport):
    before = lab.dst("gw1")
    gw1.clear()
    gw2.clear()
    calls = []
    for i in range(CALLS):
        calls.append(lab.call(str(1000 + i), transport=transport))
    gw1.wait_calls(CALLS)
    since = time.monotonic()
    lab.rpc("failover_route.set_health", "carriers", "gw1", "down")
    lab.wait(lambda: len(gw2.calls) == CALLS, "all of them at the next gateway", limit=10)
    spread = gw2.calls[-1].time - gw2.calls[0].time
    for call in calls:
        assert call.wait_final() == 200
    spent = time.monotonic() - since
    assert spent < 6.0, spent  # the try-timeout is 8 s
    assert 0.35 < spread < 5.0, spread  # seven ticks of 62 ms at least
    for call in calls:
        assert call.finals == [200] and call.bye() == 200
        call.close()
    assert sorted(gw2.users) == sorted(str(1000 + i) for i in range(CALLS))
    after = lab.dst("gw1")
    for what in ("attempts", "failovers", "rescued"):
        assert after[what] - before[what] == CALLS
    assert (after["failed"], after["timeouts"], after["calls"]) == (0, 0, 0)
    assert lab.dst("gw2")["calls"] == 0
    lab.rpc("failover_route.set_health", "carriers", "gw1", "up")


def story(lab):
    lab.start(shm_mb=128)
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    gw1.deaf()
    one_round(lab, gw1, gw2, "udp")
    lab.edit_xml(("${gw1}\"", "${gw1};transport=tcp\""), ("${gw2}\"", "${gw2};transport=tcp\""))
    lab.rpc("failover_route.reload")
    one_round(lab, gw1, gw2, "udp")
    assert {r.transport for r in gw2.calls} == {"tcp"}
    assert gw3.requests == []
