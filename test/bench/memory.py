"""Shared memory per destination, counters and state and all."""
import time

from lib.waiting import wait_until

from .rig import Rig

MODULE = {"dispatcher": "dispatcher", "failover_route": "failover_route"}
PROBE_S = 5


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


def probed(system, count=10_000):
    """Bytes per destination by mod.stats, when all have been probed, and answered."""
    with Rig(system, 1, answer="sink", shm_mb=512, probe=f'interval="{PROBE_S}s"') as rig:
        first = _look(rig)
        rig.write_table(count)
        rig.reload()
        wait_until(lambda: _probes(rig) > 2 * count, "each has been probed", 20 * PROBE_S, step=1)
        return _grown(rig, first, count)


def called(system, count=1000):
    """The bytes on top of these that calls leave behind at a destination they went to."""
    with Rig(system, count, shm_mb=512) as rig:
        first = _look(rig)
        rig.call_one_by_one(2 * count)
        rig.wait_quiet()
        # the blocks of their XAVPs pass from call to call, and go some seconds after the last
        wait_until(lambda: rig.lab.xavp_bytes() == 0, "no block of an XAVP is left", 60, step=1)
        listed = rig.lab.rpc("failover_route.list")["sets"][0]["destinations"]
        had = sum(d["attempts"] > 0 for d in listed)
        return _grown(rig, first, had)


def _grown(rig, first, count):
    now = _look(rig)
    rig.trust()
    # of the pool tm and the core have their part, too
    return (now[0] - first[0]) / count


def _probes(rig):
    said = rig.lab.rpc("stats.get_statistics", "frt_probes")
    return int(said[0].split("=")[1])


def _look(rig):
    pool = rig.lab.rpc("core.shmmem")
    return rig.lab.shm_bytes(MODULE[rig.system.kind]), int(pool["real_used"])
