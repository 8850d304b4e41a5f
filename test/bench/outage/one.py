"""Runs one row with one system, in a process of its own; ./run started it.

    python3 -m bench.outage.one ROW SYSTEM WORK ROOT [quick]

Writes WORK/result.json, see figures.py.
"""
import json
import os
import re
import signal
import sys
import threading
import time
import traceback
from pathlib import Path

from lib.lab import Lab

from . import figures, rows, settings
from .gateway import OutageGateway
from .load import Callers

HERE = Path(__file__).resolve().parent
RATE = 20
POLL = 0.2  # seconds
# Kamailio says so when there is nowhere left to go, or a port is closed.
EXPECTED = (r"ERROR: tm .*(t_forward_nonack|add_uac|t_relay)", r"ERROR: .*dispatcher",
            r"failed to send", r"sl_reply_error")


class Watcher(threading.Thread):
    """Which gateways take calls, as the system's own list tells it."""

    def __init__(self, run):
        super().__init__(daemon=True)
        self._run, self._end = run, threading.Event()
        self.changes = []  # (second, gateway, takes calls?)
        self.errors = []

    def run(self):
        known = {}
        while not self._end.wait(POLL):
            try:
                told = self._run.system.states(self._run.lab)
            except Exception as error:  # noqa: BLE001 the next look may succeed
                self.errors.append(repr(error))
                continue
            second = time.monotonic() - self._run.started
            for address, up in told.items():
                if known.get(address, True) != up:
                    self.changes.append((second, self._run.name_of[address], up))
                known[address] = up

    def stop(self):
        self._end.set()
        self.join(10)


class Run:
    """One row with one system, while it runs. Rows change its gateways."""

    def __init__(self, row, system, work, root, times):
        self.row, self.system = row, system
        self.times = row.times(times) if row.times else times
        self.lab = Lab(HERE, work, root, root / "build/failover_route.so")
        self.gateways = {}
        self.started = 0.0
        self.name_of = {}

    @property
    def bad(self):
        return [self.gateways[self.row.bad]] if self.row.bad else []

    def _open_gateways(self):
        for name in (gw for tier in self.row.tiers for gw in tier):
            host = self.lab.slot.gateway(name)
            self.gateways[name] = OutageGateway(self.lab.reactor, name, host)
            self.lab.gateways[name] = self.gateways[name]
            self.name_of[host] = name

    def _callers(self):
        lab, seconds = self.lab, self.times.stop
        out = [Callers(lab.work / "calls", lab.slot.load, 5060, lab.slot.kam, RATE, seconds,
                       range(100000, 100000 + 7 * int(RATE * seconds), 7))]
        if self.row.poison:
            out.append(Callers(lab.work / "poison", lab.slot.caller, 5061, lab.slot.kam, 0.5,
                               self.times.end, ["666"]))
        return out

    def _tell(self):
        """What happens when: [(second, function)]"""
        row, times = self.row, self.times
        story = [(times.begin, row.begin), (times.end, row.end)]
        story += row.events(times) if row.events else []
        return sorted([(s, f) for s, f in story if f], key=lambda event: event[0])

    def play(self):
        """The result, as figures.result() makes it."""
        self._open_gateways()
        self.lab.variables.update(self.system.write(self.lab, self.row.tiers))
        self.lab.render("kamailio.cfg")
        self.lab.kamailio.start(128)
        if self.row.before:
            self.row.before(self)
        time.sleep(1)  # the first pings
        callers = self._callers()
        watcher = Watcher(self)
        try:
            callers[0].wait_started()
            self.started = time.monotonic()
            watcher.start()
            for second, change in self._tell():
                time.sleep(max(0.0, self.started + second - time.monotonic()))
                change(self)
            for load in callers:
                load.wait()
        finally:
            watcher.stop()
            for load in callers:
                load.close()
        return self._result(callers[0], watcher)

    def _result(self, callers, watcher):
        sent = self._sent()
        return figures.result(self, callers.calls(), sent, watcher.changes)

    def _sent(self):
        """[(second, Call-ID, gateway)] of each branch, as Kamailio told it."""
        out = []
        offset = time.time() - time.monotonic() + self.started
        for line in self.lab.log.find(r"SENT \d"):
            stamp, call_id, address = re.search(r"SENT (\S+) (\S+) (\S+)", line).groups()
            out.append((float(stamp) - offset, call_id, self.name_of[address]))
        return out


def _stop(_signal, _frame):
    raise KeyboardInterrupt


def main():
    row, system = rows.ROWS[sys.argv[1]], settings.SYSTEMS[sys.argv[2]]
    work, root = Path(sys.argv[3]).resolve(), Path(sys.argv[4]).resolve()
    times = rows.QUICK if sys.argv[5:] == ["quick"] else rows.FULL
    signal.signal(signal.SIGTERM, _stop)
    run = None
    try:
        run = Run(row, system, work, root, times)
        result = run.play()
        run.lab.allow_log(*EXPECTED)
        traps = run.lab.log.traps()
        result["trouble"] = traps[0] if traps else ""
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 told to the runner
        traceback.print_exc()
        result = {"row": row.name, "system": system.name, "trouble": f"{error!r}"[:300],
                  "broken": True}
    finally:
        if run:
            run.lab.close()
    (work / "result.json").write_text(json.dumps(result))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
