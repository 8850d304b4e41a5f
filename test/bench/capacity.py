"""Calls a second that one worker holds, and the processor time a call costs it.

At the edge each system holds a rate one time and loses some packets another, and the
machine's own speed moves by more than what is compared. So all run side by side and take
turns, in an order drawn anew each time, each at its own rate: a bit more after it held,
a bit less after it did not, by ever smaller steps. So each stays about where it holds
every second time.
"""
import random
from statistics import mean

from lib.processes import Process
from lib.sipp import SCENARIOS, SIPP_ENV, _last_row

from . import calls
from .rig import Rig

# tm keeps a transaction for 5 s after its end: memory goes round from then on
WARM, STEP = 6, 4  # seconds at each rate
FIRST, LAST = 100, 20000
CLIMB, CLIMB_STEP = 1.6, 2.5  # to the edge
EDGE, FINE = 1.12, 1.03  # at the edge, up or down: at first, and in the end


class Ramp:
    """SIPp at one rate after the other; each step is a process of its own."""

    def __init__(self, rig):
        self._rig, self._steps = rig, 0

    def step(self, rate, seconds):
        """(held?, calls placed): none failed, none sent twice, and in time."""
        self._steps += 1
        lab, folder = self._rig.lab, self._rig.work / f"ramp{self._steps}"
        folder.mkdir()
        (folder / "caller.xml").write_text(
            (SCENARIOS / "caller.xml").read_text().replace("HOLD_MS", "0"))
        (folder / "users.csv").write_text("SEQUENTIAL\n" + "".join(f"{u}\n" for u in range(5000)))
        count = round(rate * seconds)
        process = Process(
            ["sipp", f"{lab.slot.kam}:5060", "-sf", "caller.xml", "-inf", "users.csv",
             "-i", lab.slot.load, "-p", str(6000 + self._steps), "-t", "u1", "-nostdin",
             "-r", str(round(rate)), "-m", str(count), "-l", "100000", "-recv_timeout", "8000",
             "-buff_size", "8388608", "-trace_stat", "-stf", "stat.csv", "-fd", "1",
             "-skip_rlimit"], folder, folder / "screen.txt", SIPP_ENV)
        code = process.wait(seconds + 1.5)
        process.kill()
        row = _last_row(folder / "stat.csv")
        again = int(row.get("Retransmissions(C)", count))
        return code == 0 and again <= count * 0.002, count


def cpu_seconds(pid):
    """Of a process of one thread so far. The scheduler's own clock: the ticks of /proc/PID/stat
    charge a whole one to what a timer wakes, as that begins with the tick."""
    with open(f"/proc/{pid}/schedstat") as f:
        return int(f.read().split()[0]) / 1e9


class Stairs:
    """A system that takes turns with others. After a rate it did not hold it begins anew:
    what timed out has marked destinations down."""

    def __init__(self, system, count, allocators):
        self._args = system, count
        self._options = {"allocators": calls.ALLOCATORS[allocators], "shm_mb": 2048,
                         "name": f"capacity-{system.name}-{count}"}
        self._rig = self._ramp = None
        self._rate, self._factor, self._held = FIRST, EDGE, None
        self._cpu, self._calls = 0, 0
        self._rates = []  # once it goes by small steps

    def close(self):
        if self._rig:
            self._rig.__exit__(None, None, None)
        self._rig = None

    def _step(self, rate, seconds):
        """(held?, calls placed)"""
        if not self._rig:
            self._rig = Rig(*self._args, **self._options).__enter__()
            self._ramp = Ramp(self._rig)
            self._ramp.step(rate / 2, WARM)  # each page of memory is found for the first time
        well, placed = self._ramp.step(rate, seconds)
        if not well:
            self.close()
        return well, placed

    def _hold(self, rate):
        if not self._step(rate * 0.9, WARM)[0]:
            return False
        before = cpu_seconds(self._rig.worker)
        well, placed = self._step(rate, STEP)
        if well:
            self._cpu += cpu_seconds(self._rig.worker) - before
            self._calls += placed
        return well

    def climb(self):
        """To about what it holds: until it fails twice."""
        def holds(rate):
            return self._step(rate, CLIMB_STEP)[0]

        rate = FIRST
        while rate < LAST and (holds(rate) or holds(rate)):
            self._rate, rate = rate, rate * CLIMB

    def turn(self):
        well = self._hold(self._rate)
        if self._factor == FINE:
            self._rates.append(self._rate)
        if self._held not in (None, well):
            self._factor = max(FINE, self._factor ** 0.5)
        self._held = well
        self._rate = self._rate * self._factor if well else self._rate / self._factor

    @property
    def rates(self):
        """Those of its small steps, or the latest if it has not come so far."""
        return self._rates or [self._rate]

    @property
    def rate(self):
        """Calls a second it holds every second time."""
        return mean(self.rates)

    @property
    def cpu_per_call(self):
        """Microseconds of the worker at the rates it held, system calls included."""
        return self._cpu / self._calls * 1e6 if self._calls else None


def measure(cases, allocators, turns):
    """{case: its Stairs} of (system, destinations) cases."""
    stairs = {case: Stairs(*case, allocators) for case in cases}
    try:
        for one in stairs.values():
            one.climb()
        for _ in range(turns):
            for one in random.sample([*stairs.values()], len(stairs)):
                one.turn()
    finally:
        for one in stairs.values():
            one.close()
    return stairs
