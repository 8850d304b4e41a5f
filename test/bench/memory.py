"""Shared memory per destination, counters and state and all."""
import time

from .rig import Rig

MODULE = {"dispatcher": "dispatcher", "failover_route": "failover_route"}


def measure(system, count=10_000):
    """Bytes per destination: {"used": by mod.stats, "taken": from the pool, ...}"""
    with Rig(system, 1, answer=False, shm_mb=512) as rig:
        rig.lab.kamailio.pkg_mb = 64
        first = _look(rig)
        rig.write_table(count)
        rig.reload()
        time.sleep(3)  # what the old table held is given back by then
        grown = _look(rig)
        for _ in range(3):
            rig.reload()
            time.sleep(3)
        again = _look(rig)
        rig.trust()
        return {"used": (grown[0] - first[0]) / count, "taken": (grown[1] - first[1]) / count,
                "used, reloaded": (again[0] - first[0]) / count,
                "taken, reloaded": (again[1] - first[1]) / count}


def _look(rig):
    pool = rig.lab.rpc("core.shmmem")
    return rig.lab.shm_bytes(MODULE[rig.system.kind]), int(pool["real_used"])
