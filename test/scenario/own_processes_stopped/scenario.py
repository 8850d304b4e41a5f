"""A process that hangs stops nobody: SIP workers and the module's own, one after the other.

SIGSTOP is what a debugger, a swapped-out page or a slow disk does. Calls are placed, a
gateway goes down and is taken back while each of them stands still.
"""
import os
import signal

LIMIT = 150


def round_of_calls(lab, gw1, gw2, first, moved_by_rescue):
    gw1.deaf()
    gw1.clear(), gw2.clear()
    calls = [lab.call(str(first + i)) for i in range(40)]
    gw1.wait_calls(40)
    lab.rpc("failover_route.set_health", "carriers", "gw1", "down")
    for call in calls:
        assert call.wait_final(20) == 200 and call.finals == [200]
        assert call.bye() == 200
    if moved_by_rescue:
        assert max(c.final_ms for c in calls) < 4500
    lab.place_many(range(first + 40, first + 60))
    assert len(gw1.calls) == 40 and len(gw2.calls) == 60
    gw1.answer()
    lab.rpc("failover_route.set_health", "carriers", "gw1", "up")
    lab.place_many(range(first + 60, first + 80))


def story(lab):
    lab.start(listen="children=4\n")
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    names = lab.kamailio.children()
    worker = next(p for p, d in names.items() if "udp receiver" in d)
    own = {d: p for p, d in names.items() if "failover_route" in d}
    assert len(own) >= 3, names
    victims = [("a worker", worker), *own.items()]
    for n, (name, pid) in enumerate(victims):
        os.kill(pid, signal.SIGSTOP)
        try:
            round_of_calls(lab, gw1, gw2, 1000 * (n + 1), "rescuer" not in name)
        finally:
            os.kill(pid, signal.SIGCONT)
        lab.place("100")
    assert lab.set()["health"] == "up"
    lab.log.wait_for("gw1 up: ", count=len(victims))  # the keeper has caught up
    told = lab.dst("gw1")
    assert told["calls"] == 0 and lab.dst("gw2")["calls"] == 0
