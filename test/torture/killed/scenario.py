"""kill -9 in the middle of calls: of a worker, of each process of the module, of Kamailio.

Kamailio ends itself when a child of its dies; what counts is how it ends and begins again.
It ends at once, whatever lock the dead one held; the state file is whole; nothing that was
known is lost: what was down, drained or added, and until when.
"""
import os
import re
import signal
import time

LIMIT = 240
PARAMS = 'modparam("failover_route", "state_interval", 1)'


def known(lab):
    told = {d["id"]: d for d in lab.set()["destinations"]}
    assert told["gw1"]["health"] == "down" and "admin" in told["gw1"]["sources"], told["gw1"]
    assert told["gw2"]["admin"] == "drain"
    assert told["late"]["overlay"] == "added"
    return told


def victims(lab):
    """One process of each kind that has a part in it."""
    out = {}
    for pid, text in lab.kamailio.children().items():
        kind = re.sub(r"[\d=]+|child|sock", "", text).strip()
        if "receiver" in text or "failover_route" in text or "timer" in text:
            out.setdefault(kind.split(":")[0] if "receiver" in text else text, pid)
    return out


def story(lab):
    lab.allow_log(r"child|CRITICAL|dead|signal|receive_fd|send_fd|ERROR: .*(tcp|send|unix|ctl|jsonrpcs)", r"BUG: .*pass_fd")
    lab.start(modparams=PARAMS, listen="children=4\n")
    lab.gateways_named("gw1", "gw2", "gw3")
    lab.rpc("failover_route.set_health", "carriers", "gw1", "down")
    lab.rpc("failover_route.set_admin", "carriers", "gw2", "drain")
    lab.rpc("failover_route.add", "carriers", "late", f"sip:{lab.slot.gateway('gw4')}", 9, 1)
    lab.gateway("gw4")
    state = lab.work / "state"
    lab.wait(lambda: state.exists() and "late" in state.read_text(), "the state file has it all")
    kinds = list(victims(lab))
    assert len(kinds) >= 5, kinds
    for kind in kinds:
        known(lab)
        load = lab.load(rate=50, seconds=30, users=range(1000, 1200))
        time.sleep(0.7)
        os.kill(victims(lab)[kind], signal.SIGKILL)
        lab.wait(lambda: not lab.kamailio.running, f"Kamailio ends when its {kind} is killed", limit=30)
        load.close()
        lab.kamailio.start()
        print(kind, flush=True)
        known(lab)
        lab.place("100")
    load = lab.load(rate=50, seconds=30, users=range(1000, 1200))
    time.sleep(0.7)
    lab.kill()
    load.close()
    lab.kamailio.start()
    known(lab)
    lab.place_many(range(100, 110))
