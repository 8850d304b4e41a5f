"""What may happen while calls are being moved: CANCEL, reloads, the destination removed.

Each call gets exactly one final answer, whoever comes first; nothing is counted twice,
no call is left behind at any gateway, and the shared memory of all of them comes back.
"""
import threading

LIMIT = 150
CALLS = 150


def deaf_gw1(gw1, gw2, gw3):
    gw1.deaf()
    for gw in (gw1, gw2, gw3):
        gw.clear()


def waiting(lab, gw1, first):
    calls = [lab.call(str(first + i)) for i in range(CALLS)]
    gw1.wait_calls(CALLS, limit=30)
    return calls


def no_call_left(lab, gw2):
    lab.wait(lambda: not any(lab.dst(g)["calls"] for g in ("gw1", "gw2", "gw3")),
             "no call in progress is counted", limit=20)
    ended = {r.call_id for r in [*gw2.byes, *gw2.cancels]}
    assert {r.call_id for r in gw2.calls} <= ended


def finish(calls):
    """One final answer each; who was answered hangs up. {code: how many}"""
    codes = {}
    for call in calls:
        code = call.wait_final(30)
        assert call.finals == [code], call.finals
        codes[code] = codes.get(code, 0) + 1
        if code == 200:
            assert call.bye() == 200
        call.close()
    return codes


def story(lab):
    lab.start(shm_mb=128)
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")

    # every caller hangs up while the calls are moved
    deaf_gw1(gw1, gw2, gw3)
    calls = waiting(lab, gw1, 1000)
    down = threading.Thread(
        target=lambda: lab.rpc("failover_route.set_health", "carriers", "gw1", "down"))
    down.start()
    for call in calls:
        call.cancel(wait=False)
    down.join()
    codes = finish(calls)
    assert set(codes) <= {200, 487}, codes
    no_call_left(lab, gw2)
    told = lab.dst("gw1")
    assert (told["attempts"], told["failed"], told["timeouts"]) == (CALLS, 0, 0)
    assert told["failovers"] == len(gw2.calls) <= told["rescued"] <= CALLS
    lab.rpc("failover_route.set_health", "carriers", "gw1", "up")

    # reloads all the while
    deaf_gw1(gw1, gw2, gw3)
    before = lab.dst("gw1")
    calls = waiting(lab, gw1, 2000)
    stop = threading.Event()

    def reload_on_and_on():
        while not stop.is_set():
            lab.rpc("failover_route.reload")
    reloader = threading.Thread(target=reload_on_and_on)
    reloader.start()
    lab.kamcmd("failover_route.set_health", "carriers", "gw1", "down")
    codes = finish(calls)
    stop.set()
    reloader.join()
    assert codes == {200: CALLS} and len(gw2.calls) == CALLS
    no_call_left(lab, gw2)
    told = lab.dst("gw1")
    assert told["rescued"] - before["rescued"] == told["failovers"] - before["failovers"] == CALLS
    assert lab.rpc("failover_route.list")["generation"] > 3
    lab.rpc("failover_route.set_health", "carriers", "gw1", "up")

    # the destination is gone from the table: its calls go on when their timers say so
    deaf_gw1(gw1, gw2, gw3)
    used = lab.shm_bytes()
    calls = waiting(lab, gw1, 3000)
    line = f'<destination id="gw1" uri="sip:{gw1.host}" priority="1"/>'
    lab.edit_xml((line, ""))
    lab.rpc("failover_route.reload")
    assert [d["id"] for d in lab.set()["destinations"]] == ["gw2", "gw3"]
    codes = finish(calls)
    assert codes == {200: CALLS} and len(gw2.calls) == CALLS
    no_call = lab.dst("gw2")
    assert no_call["calls"] == 0
    lab.edit_xml(('<destination id="gw2"', line + '<destination id="gw2"'))
    lab.rpc("failover_route.reload")
    told = lab.dst("gw1")
    assert (told["attempts"], told["calls"], told["health"]) == (0, 0, "up")
    lab.wait(lambda: lab.shm_bytes() <= used + 4096, "shared memory is given back", limit=30)
