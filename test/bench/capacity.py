"""Calls a second that one worker holds, and the processor time a call costs it."""
import os
import time

from lib.processes import Process
from lib.sipp import SCENARIOS, SIPP_ENV, _last_row

from . import calls
from .rig import Rig

STEP = 2.5  # seconds at each rate
FIRST, GROW, FINE = 200, 1.6, 5
LAST = 20000
CPU_RATE = 100
TICK = os.sysconf("SC_CLK_TCK")


class Ramp:
    """SIPp at one rate after the other; each step is a process of its own."""

    def __init__(self, rig):
        self._rig, self._steps = rig, 0

    def step(self, rate, seconds=STEP):
        """(held?, calls placed): none failed, none sent twice, and in time."""
        self._steps += 1
        lab, folder = self._rig.lab, self._rig.work / f"ramp{self._steps}"
        folder.mkdir()
        (folder / "caller.xml").write_text(
            (SCENARIOS / "caller.xml").read_text().replace("HOLD_MS", "0"))
        (folder / "users.csv").write_text("SEQUENTIAL\n" + "".join(f"{u}\n" for u in range(5000)))
        count, started = round(rate * seconds), time.monotonic()
        process = Process(
            ["sipp", f"{lab.slot.kam}:5060", "-sf", "caller.xml", "-inf", "users.csv",
             "-i", lab.slot.load, "-p", str(6000 + self._steps), "-t", "u1", "-nostdin",
             "-r", str(round(rate)), "-m", str(count), "-l", "100000", "-recv_timeout", "8000",
             "-buff_size", "8388608", "-trace_stat", "-stf", "stat.csv", "-fd", "1",
             "-skip_rlimit"], folder, folder / "screen.txt", SIPP_ENV)
        code = process.wait(seconds + 20)
        took = time.monotonic() - started
        process.kill()
        row = _last_row(folder / "stat.csv")
        again = int(row.get("Retransmissions(C)", count))
        return code == 0 and again <= count * 0.002 and took < seconds + 1.5, count


def cpu_seconds(pid):
    """Of a process so far."""
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def held(system, count, allocators="default"):
    """The highest rate that a single worker held, and above which it did not."""
    with Rig(system, count, allocators=calls.ALLOCATORS[allocators], shm_mb=2048) as rig:
        ramp, good, rate = Ramp(rig), 0, FIRST
        while rate < LAST and ramp.step(rate)[0]:
            good, rate = rate, rate * GROW
            time.sleep(0.2)
        bad = rate
        while bad - good > max(FINE, good * 0.04):
            time.sleep(1)
            middle = (good + bad) / 2
            if ramp.step(middle)[0]:
                good = middle
            else:
                bad = middle
        return good


def cpu_per_call(system, count, allocators="default", children=1, seconds=6, rate=CPU_RATE):
    """Microseconds of all workers together, system calls included."""
    with Rig(system, count, allocators=calls.ALLOCATORS[allocators], shm_mb=1024,
             children=children) as rig:
        ramp = Ramp(rig)
        ramp.step(rate, 1)
        pids = rig.pids("udp receiver")
        before = sum(map(cpu_seconds, pids))
        well, placed = ramp.step(rate, seconds)
        used = sum(map(cpu_seconds, pids)) - before
        return used / placed * 1e6 if well else None
