"""One system under load: its Kamailio, where its calls go, and its SIPp.

Destinations are addresses of 127.0.0.0/8 on one port, which a single SIPp
answers, so a set may have any number of them.
"""
import os
import shutil
import sys
from pathlib import Path

from lib.kamailio import Kamailio
from lib.lab import Lab
from lib.processes import Process
from lib.sipp import SCENARIOS, SIPP_ENV
from lib.waiting import wait_until

from . import callgrind, systems

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build/bench"
ANSWER_PORT = 15000  # and the slot's number


def destinations(count, port):
    """So many URIs, each with an address of its own in 127.32.0.0/11."""
    return [f"sip:127.{32 + (n >> 16)}.{n >> 8 & 255}.{n & 255}:{port}"
            for n in range(1, count + 1)]


class BenchKamailio(Kamailio):
    """Kamailio under a tool."""
    tool = ()

    def launch(self, shm_mb=64):
        self._shm_mb = shm_mb
        self._process = Process(
            [*self.tool, "kamailio", "-f", str(self.cfg), "-DD", "-E", "-w", str(self.work),
             "-P", str(self.work / "kamailio.pid"), "-Y", str(self.work),
             "-m", str(shm_mb), "-M", str(self.pkg_mb), *self.allocators],
            cwd=self.work, output=self.log.path, append=True)


class Rig:
    """with Rig(system, ...) as rig: the system runs, and rig.lab is its lab."""

    def __init__(self, system, count=3, sets=1, allocators=(), under_callgrind=False,
                 children=1, shm_mb=256, name=None, answer=True, probe="", **parts):
        self.system, self.count, self.sets = system, count, sets
        self.work = BUILD / (name or f"{system.name}-{count}-{os.getpid()}")
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(parents=True)
        self.lab = Lab(HERE, self.work, ROOT, ROOT / "build/failover_route.so")
        self.lab.kamailio = BenchKamailio(self.work, self.lab.slot.kam, self.lab.log)
        self.lab.kamailio.allocators = allocators
        self.lab.kamailio.pkg_mb = 64 if count > 5000 else 8
        if under_callgrind:
            self.lab.kamailio.tool = (*callgrind.VALGRIND,
                                      f"--callgrind-out-file={self.work}/callgrind.%p")
        self.port = ANSWER_PORT + self.lab.slot.number
        self.uris = destinations(count, self.port)
        self._children, self._shm_mb, self._probe = children, shm_mb, probe
        self._parts, self._answer, self._uas, self._loads = parts, answer, None, 0

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def _start(self):
        self.write_table(self.count, self.sets)
        parts = {"before": "", **self.system.parts(), **self._parts}
        self.lab.variables.update(first=self.uris[0], children=str(self._children))
        self.lab.render("kamailio.cfg", **parts)
        if self._answer == "sink":
            self._uas = Process([BUILD / "sink", str(self.port)], self.work,
                                self.work / "answer.txt")
        elif self._answer:
            self._uas = Process(
                ["sipp", "-sf", str(HERE / "sipp/answer.xml"), "-p", str(self.port), "-t", "u1",
                 "-nostdin", "-skip_rlimit", "-trace_err", "-error_file", "errors.log",
                 "-key", "contact", f"{self.lab.slot.gateway('gw1')}:{self.port}"],
                self.work, self.work / "answer.txt", SIPP_ENV)
        self.lab.kamailio.start(self._shm_mb, limit=180)

    def write_table(self, count, sets=1):
        """Writes the destinations again; the system knows after a reload."""
        if count > len(self.uris):
            self.uris = destinations(count, self.port)
        systems.write_table(self.system, self.work, systems.spread(self.uris[:count], sets),
                            self._probe)

    def __exit__(self, *_error):
        self.lab.close()
        if self._uas:
            self._uas.kill()

    def reload(self):
        self.lab.rpc({"dispatcher": "dispatcher.reload",
                      "failover_route": "failover_route.reload"}[self.system.kind], timeout=60)

    def pids(self, pattern):
        """Process ids whose description has this text."""
        return [int(pid) for pid, text in self.lab.kamailio.children().items() if pattern in text]

    @property
    def worker(self):
        return self.pids("udp receiver")[0]

    def wait_quiet(self):
        """Until tm has no transaction left."""
        wait_until(lambda: self.lab.rpc("tm.stats")["current"] == 0, "no transaction is left", 60,
                   step=0.2)

    def sink_counts(self):
        """Ends the sink: (requests, distinct ones, most in 100 ms)"""
        self._uas.stop()
        return tuple(map(int, (self.work / "answer.txt").read_text().split()))

    def call_one_by_one(self, count):
        """So many calls, each after the one before it, nothing sent twice."""
        self._loads += 1
        folder = self.work / f"calls{self._loads}"
        folder.mkdir()
        caller = (SCENARIOS / "caller.xml").read_text().replace("HOLD_MS", "0")
        (folder / "caller.xml").write_text(caller)
        (folder / "users.csv").write_text(
            "SEQUENTIAL\n" + "".join(f"{u}\n" for u in range(1000, 1000 + count)))
        process = Process(
            ["sipp", f"{self.lab.slot.kam}:5060", "-sf", "caller.xml", "-inf", "users.csv",
             "-i", self.lab.slot.load, "-p", "5060", "-t", "u1", "-nostdin", "-nr", "-l", "1",
             "-r", "100", "-m", str(count), "-recv_timeout", "60000", "-trace_err",
             "-error_file", "errors.log", "-skip_rlimit"], folder, folder / "screen.txt", SIPP_ENV)
        code = process.wait(120 + count * 5)
        process.kill()
        if code != 0:
            raise AssertionError(f"{self.system.name}: sipp ended with {code}, see {folder}")

    def trust(self):
        """The run counts only if nothing went wrong in it."""
        # kamcmd, which asks whether Kamailio is up, does not wait for a large table
        self.lab.allow_log("tsend_dgram_ev", r"rpc_send\(\)")
        problems = self.lab.log.traps()
        if problems:
            raise AssertionError(f"{self.system.name}: {problems[0]}")
