"""Whatever happens to a call, it is counted once: every sum comes out.

Under load gateways fall silent, refuse, lose their connections, have their ports closed,
are set down and up again, and callers hang up. No call is lost, and at the end each
attempt has one outcome and each call one attempt more than it had failovers.
"""
import re
import time

LIMIT = 150


def metric(text, name, **labels):
    """The value of one sample."""
    for line in text.splitlines():
        m = re.match(rf"failover_route_{name}\{{(.*)\}} (\d+)$", line)
        if m and all(f'{k}="{v}"' in m[1] for k, v in labels.items()):
            return int(m[2])
    raise AssertionError(f"no sample {name} {labels}")


def story(lab):
    lab.start(listen="children=4\n")
    lab.allow_refused()
    lab.allow_log(r"ERROR: .*(tcp|send)")
    gw1, gw2, gw3, gw4 = lab.gateways_named("gw1", "gw2", "gw3", "gw4")
    load = lab.load(rate=60, seconds=20, users=range(1000, 1400), hold=0.05)
    waiting = []
    for n in range(4):
        gw1.deaf()
        time.sleep(1.0)
        waiting += [lab.call(str(2000 + 20 * n + i)) for i in range(20)]
        gw2.deaf()
        time.sleep(0.4)
        gw2.close()
        for call in waiting[-5:]:
            call.cancel(wait=False)
        lab.rpc("failover_route.set_health", "carriers", "gw3", "down")
        time.sleep(0.4)
        gw2.open()
        gw2.answer()
        gw1.close_if_quiet() or gw1.answer()
        lab.rpc("failover_route.set_health", "carriers", "gw3", "up")
        gw3.reject(503) if n % 2 else gw3.answer()
        time.sleep(1.0)
        gw1.open()
        gw1.answer()
        lab.rpc("failover_route.reload")
        time.sleep(1.5)
    load.wait()
    assert (load.connected, load.failed) == (1200, 0), load.errors[-600:]
    for call in waiting:
        assert call.wait_final() in (200, 487) and len(call.finals) == 1
        call.bye() if call.status == 200 else None

    lab.wait(lambda: lab.rpc("failover_route.list")["sets"] and not any(
        d["calls"] for d in lab.set()["destinations"]), "every call has ended")
    text = lab.rpc("failover_route.metrics")
    total, failovers, rescued, timeouts = 0, 0, 0, 0
    for gw in ("gw1", "gw2", "gw3", "gw4"):
        n = {name: metric(text, f"destination_{name}_total", destination=gw)
             for name in ("attempts", "ok", "failed", "ignored", "timeouts", "failovers",
                          "rescued")}
        assert n["attempts"] == n["ok"] + n["failed"] + n["ignored"], (gw, n)
        assert n["rescued"] + n["timeouts"] <= n["attempts"] and n["timeouts"] <= n["failed"], n
        total, failovers = total + n["attempts"], failovers + n["failovers"]
        rescued, timeouts = rescued + n["rescued"], timeouts + n["timeouts"]
    assert rescued > 20 and timeouts > 5 and failovers > 60  # it was no quiet time
    assert total == 1200 + len(waiting) + failovers
    assert failovers == metric(text, "set_failovers_total", set="carriers")
    assert metric(text, "set_calls", set="carriers") == 0
