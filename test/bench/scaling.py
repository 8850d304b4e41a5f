"""What workers hold up among themselves when all calls go to one set: processor time
a call, and how often one yielded because a lock was taken, by the number of workers.
"""
import subprocess
from pathlib import Path

from . import capacity
from .rig import Rig

PROGRAM = Path(__file__).resolve().parents[2] / "build/bench/scaling"
WORKERS = (1, 2, 4, 8)
RATE, SECONDS = 400, 6


class Yields:
    """with Yields(pids) as y: counts sched_yield() of the processes; y.count is None
    without perf. That is what Kamailio's locks do when spinning has not helped."""

    def __init__(self, pids):
        self._command = ["perf", "stat", "-x", ",", "-e", "syscalls:sys_enter_sched_yield",
                         "-p", ",".join(map(str, pids))]
        self.count = None

    def __enter__(self):
        try:
            self._perf = subprocess.Popen(self._command, text=True, stdout=subprocess.DEVNULL,
                                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        except OSError:
            self._perf = None
        return self

    def __exit__(self, *_error):
        if self._perf is None:
            return
        self._perf.send_signal(2)
        first = self._perf.communicate(timeout=30)[1].split(",")[0].strip()
        self.count = int(first) if first.isdigit() else None


def measure(system, count, workers):
    """(microseconds of all workers a call, yields in 1,000 calls); None: not known."""
    with Rig(system, count, allocators=("-x", "fm", "-X", "fm"), shm_mb=1024,
             children=workers) as rig:
        ramp = capacity.Ramp(rig)
        ramp.step(RATE, 1)
        pids = rig.pids("udp receiver")
        with Yields(pids) as yields:
            before = sum(map(capacity.cpu_seconds, pids))
            well, placed = ramp.step(RATE, SECONDS)
            used = sum(map(capacity.cpu_seconds, pids)) - before
        times = None if yields.count is None else yields.count / placed * 1000
        return (used / placed * 1e6 if well else None), times


def engine():
    """[(threads, ns of a call, ns of the floor, locks taken, yields in a million)]"""
    out = subprocess.run([PROGRAM, *map(str, WORKERS)], check=True, text=True,
                         stdout=subprocess.PIPE, timeout=600).stdout
    return [tuple(map(float, line.split("\t"))) for line in out.splitlines()]
