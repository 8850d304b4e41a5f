"""What `failover-route simulate` says of an outage is what Kamailio does in it.

Twenty calls a second at three gateways. The first is a black hole for a while, returns,
and then limps. The same outage, by the times at which it really happened, is simulated:
the steps of the states are the same, and so are the attempts per destination, but for
what is on its way when something changes. (Without spill, which is drawn: chance alone
would make a tenth of that. Probes want ten fails: by times to the second they might be first.)
Then `replay` reads the lines that acc wrote of the run, with the
parameters of the sample: the same policy makes nearly the same of the same calls.
"""
import json
import re
import subprocess
import time
from pathlib import Path

LIMIT = 240
RATE, SECONDS = 20, 45
SCRIPT = f"""duration {SECONDS}s
rate {RATE}
users 100
rtt 1ms-5ms
ring 0ms
answer 30ms-35ms
"""


def acc_params(lab):
    text = (Path(lab.root) / "etc/kamailio-trunk-cdr.cfg").read_text()
    lines = re.findall(r'^modparam\("acc", "log_.*|^modparam\("acc", "failed.*', text, re.M)
    return "\n".join(lines).replace("FLT_ACC_FAILED", "2").replace("FLT_ACC", "1") + "\n"


def tool(lab, *args):
    ran = subprocess.run([str(Path(lab.root) / "build/failover-route"), *map(str, args)],
                         check=True, text=True, stdout=subprocess.PIPE, timeout=60)
    return json.loads(ran.stdout)


def told(policy):
    """Attempts and steps per destination."""
    steps = {}
    for c in policy["changes"]:
        steps.setdefault(c["destination"], []).append((c["from"], c["to"]))
    return {d["id"]: (d["attempts"], steps.get(d["id"], [])) for d in policy["destinations"]}


def compare(real, simulated, scale, what):
    for name, (attempts, steps) in real.items():
        other, other_steps = simulated[name]
        other *= scale  # as many calls
        assert abs(attempts - other) <= max(15, attempts / 12), (what, name, attempts, other)
        # a trial more or less before the end
        n = min(len(steps), len(other_steps))
        assert steps[:n] == other_steps[:n], (what, name, steps, other_steps)
        assert abs(len(steps) - len(other_steps)) <= 2, (what, name, steps, other_steps)


def story(lab):
    lab.start(modparams=acc_params(lab), before="setflag(1); setflag(2);")
    gw1, _, _ = lab.gateways_named("gw1", "gw2", "gw3")
    load = lab.load(rate=RATE, seconds=SECONDS, users=range(1000, 1100), hold=0)
    begin, events = time.monotonic(), ""

    def happens(what, change):
        nonlocal events
        change()
        events += f"at {round((time.monotonic() - begin) * 1000)}ms gw1 {what}\n"

    time.sleep(8)
    happens("blackhole", lambda: lab.wait(lambda: gw1.if_quiet(gw1.blackhole), "no call there"))
    lab.wait_health("gw1", "down")
    time.sleep(6)
    happens("up", gw1.answer)
    lab.wait_health("gw1", "up", limit=30)
    time.sleep(5)
    happens("limping", gw1.limp)
    load.wait()
    assert (load.placed, load.failed) == (RATE * SECONDS, 0), load.errors

    names = ("gw1", "gw2", "gw3")
    real = {n: (lab.dst(n)["attempts"], lab.steps(n)) for n in names}
    assert len(real["gw1"][1]) > 4, real
    script = lab.work / "outage"
    script.write_text(SCRIPT + events)
    config = lab.work / "failover_route.xml"
    (simulated,) = tool(lab, "simulate", "--json", "--script", script, config)["policies"]
    callers = simulated["callers"]
    assert callers["lost"] == 0 and abs(callers["calls"] - load.placed) < 150, callers
    compare(real, told(simulated), load.placed / callers["calls"], "simulate")

    replayed = tool(lab, "replay", "--json", config, lab.log.path)
    recorded, (policy,) = replayed["recorded"], replayed["policies"]
    assert recorded["callers"] == {"calls": load.placed, "connected": load.placed,
                                   "otherwise": 0, "lost": 0}
    assert {d["id"]: d["attempts"] for d in recorded["destinations"]} == {
        n: real[n][0] for n in names}
    assert policy["callers"]["lost"] == 0
    assert policy["evidence"]["as_recorded"] > 0.4 * policy["attempts"]
    # records have the time of the answer to the second, and nothing of probes: the
    # steps are the same up to the second trial
    assert told(policy)["gw1"][1][:5] == real["gw1"][1][:5]
