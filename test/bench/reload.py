"""How long a reload takes, and what it does to calls under way."""
import time

from .rig import Rig

TABLES = {"10,000 in one set": (10_000, 1), "40,000 in 10,000 sets": (40_000, 10_000),
          "100,000 in one set": (100_000, 1), "100,000 in 10,000 sets": (100_000, 10_000)}
RELOADS = 5
GIVE_UP_S = 60
LOAD_RATE, LOAD_SECONDS = 100, 8
LATE_MS = 5  # more than the median


class Loaded:
    """A system with its table; times are milliseconds."""

    def __init__(self, system, count, sets):
        self.rig = Rig(system, count, sets, shm_mb=1024)

    def __enter__(self):
        self.rig.__enter__()
        return self

    def __exit__(self, *error):
        self.rig.__exit__(*error)

    def reload_ms(self):
        """None if it is not done within GIVE_UP_S."""
        started = time.monotonic()
        try:
            self.rig.reload()
        except TimeoutError:
            return None
        return (time.monotonic() - started) * 1000

    def list_ms(self):
        """The whole list over JSON-RPC; None if it cannot be had."""
        method = {"dispatcher": "dispatcher.list", "failover_route": "failover_route.list"}
        started = time.monotonic()
        try:
            self.rig.lab.rpc(method[self.rig.system.kind], timeout=GIVE_UP_S)
        except Exception:  # noqa: BLE001 too big, or no answer: told as such
            return None
        return (time.monotonic() - started) * 1000

    def calls(self, reloading):
        """Of a load of calls: (longest ms from INVITE to 200, calls that took LATE_MS more
        than the median did)"""
        load = self.rig.lab.load(LOAD_RATE, LOAD_SECONDS, range(1000, 1100), hold=0)
        while reloading and load.running and load.placed < LOAD_RATE * (LOAD_SECONDS - 1):
            self.rig.reload()
            time.sleep(0.5)
        load.wait()
        late = load.quantile(0.5) + LATE_MS
        return load.quantile(1.0), sum(ms > late for ms in load.answer_ms)


def measure(systems, count, sets):
    """{system name: {"reload": [ms], "list": ms, "calls": (slowest ms, late
    ones), "calls, reloads": the same}}

    A system that does not start with the table, or whose reload does not end, is asked
    no more; its figures are None."""
    out = {s.name: {"reload": [], "list": None, "calls": (None, None),
                    "calls, reloads": (None, None)}
           for s in systems}
    rigs = []
    try:
        for system in systems:
            rig = Loaded(system, count, sets)
            try:
                rigs.append(rig.__enter__())
            except AssertionError:
                out[system.name]["reload"].append(None)
        for _ in range(RELOADS):
            for rig in rigs:
                times = out[rig.rig.system.name]["reload"]
                if None not in times:
                    times.append(rig.reload_ms())
        for rig in rigs:
            figures = out[rig.rig.system.name]
            if None in figures["reload"]:
                continue
            figures["list"] = rig.list_ms()
            figures["calls"] = rig.calls(False)
            figures["calls, reloads"] = rig.calls(True)
            rig.rig.trust()
    finally:
        for rig in rigs:
            rig.__exit__()
    return out
