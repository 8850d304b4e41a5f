"""A bad line is not a dead gateway, and a dead line costs no call.

In networks of its own: 5 to 30 % loss both ways, 300 ms of jitter with packets out of order,
replies lost only, a route that leads nowhere, the interface down, a small MTU. The times
that matter (try-timeout, fall, the probe's timeout) are the defaults: at 5 % loss and with
jitter nothing goes down.
"""
import json
import subprocess
import sys
import time

from lib import link
from lib.namespaces import new_network
from lib.waiting import wait_until

LIMIT = 240
NEAR, FAR, FIRST, SECOND = "10.77.0.1", "10.77.0.2", "10.77.0.11", "10.77.0.12"


class Line:
    def __init__(self):
        self._link = subprocess.Popen(
            [sys.executable, "-B", "-m", "lib.link", NEAR, FAR, FIRST, SECOND], cwd=link.TEST,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._link.stdout.readline() == "ready\n"

    def be(self, **behaviour):
        self._link.stdin.write(json.dumps(behaviour) + "\n")
        self._link.stdin.flush()
        assert self._link.stdout.readline() == "done\n"


def ip(*args):
    subprocess.run(["ip", *args], check=True)


def downs(lab):
    return [t for t in lab.history(count=1000) if t["to"] == "down" and t["from"] in ("up", "ramp", "trial")]


def rest(lab, line):
    """What was sent on the bad line may still count against them, and one may go down
    after the other is up: a moment, then both are up at once."""
    line.be()
    time.sleep(3)
    wait_until(lambda: all([up(lab, gw) for gw in ("gw1", "gw2")]), "both are up again", 60, step=0.5)


def up(lab, gw):
    """Returns want a call now and then."""
    if lab.health(gw) != "up":
        lab.load(rate=5, seconds=1, users=range(5000, 5005), hold=0).wait()
    return lab.health(gw) == "up"


def phase(lab, line, name, seconds=8, before=lambda: None, **behaviour):
    """(share of calls that were answered, downs of it)

    How they are hung up is not asked: SIPp does not send a lost ACK again when the 200 is."""
    seen = len(downs(lab))
    line.be(**behaviour)
    before()
    load = lab.load(rate=20, seconds=seconds, users=range(1000, 1200), hold=0.05)
    wait_until(lambda: not load.running or len(load.answer_ms) == load.placed_goal, "every call's end", 60, step=0.1)
    answered = len(load.answer_ms)
    placed = load.placed_goal
    load.close()
    found = downs(lab)[:len(downs(lab)) - seen]
    print(f"{name}: {placed} placed, {answered} answered, downs: "
          + ("; ".join(f"{t['destination']}: {t['reason']}" for t in found) or "none"), flush=True)
    return answered / placed, found


def story(lab):
    new_network()
    line = Line()
    lab.allow_log(r"ERROR: .*(tm|core|udp|send)", r"udp_send", r"CRITICAL.*udp_send")
    lab.start(listen=f"listen=udp:{NEAR}:5060\n", modparams='modparam("failover_route", "history_size", 1000)')
    lab.sipp_gateway("gw4")
    assert phase(lab, line, "a good line") == (1, [])
    assert lab.dst("backup")["attempts"] == 0
    assert phase(lab, line, "5 % loss", 20, out=0.05, back=0.05) == (1, [])
    assert phase(lab, line, "300 ms of jitter", 12, delay_ms=20, jitter_ms=300) == (1, [])
    for percent in (10, 20, 30):
        share, _ = phase(lab, line, f"{percent} % loss", out=percent / 100, back=percent / 100)
        assert share > 0.9
        rest(lab, line)

    share, found = phase(lab, line, "no reply comes back", back=1.0)
    assert share == 1 and {t["destination"] for t in found} == {"gw1", "gw2"}
    rest(lab, line)
    share, found = phase(lab, line, "a route to nowhere", before=lambda: ip("route", "replace", "blackhole", FIRST))
    assert share == 1
    ip("route", "del", "blackhole", FIRST)
    ip("route", "replace", FIRST, "dev", "near", "src", NEAR)
    rest(lab, line)
    share, found = phase(lab, line, "the interface down", before=lambda: ip("link", "set", "near", "down"))
    assert share == 1
    ip("link", "set", "near", "up")
    for peer in (FAR, FIRST, SECOND):
        ip("route", "replace", peer, "dev", "near", "src", NEAR)
    rest(lab, line)
    share, found = phase(lab, line, "an MTU of 576", before=lambda: ip("link", "set", "near", "mtu", "576"))
    assert (share, found) == (1, [])
