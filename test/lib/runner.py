"""Runs scenario folders side by side, each in a session of its own.

Whatever a scenario started is in its session, and the session is ended when
the scenario has: also after its time limit, and when the runner is interrupted.
"""
import argparse
import ast
import ctypes
import fcntl
import fnmatch
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from .lab import fresh_folder
from .processes import end_session

LIMIT = 90  # seconds, unless the scenario says LIMIT = ...
# They mostly wait: two a processor leave it half idle. Their slots are not endless.
SIDE_BY_SIDE = min(8, 2 * len(os.sched_getaffinity(0)))
LIB = Path(__file__).parent
ROOT = LIB.parent.parent


class Scenario:
    def __init__(self, folder):
        self.folder, self.name = folder, folder.name
        tree = ast.parse((folder / "scenario.py").read_text())
        self.about = (ast.get_docstring(tree) or "").split("\n\n")[0].replace("\n", " ")
        self.limit = LIMIT
        for node in tree.body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "LIMIT":
                self.limit = ast.literal_eval(node.value)


class Run:
    """One scenario under way."""

    def __init__(self, scenario, work):
        self.scenario, self.work = scenario, fresh_folder(work)
        self.started = time.monotonic()
        with open(work / "story.log", "wb") as out:
            self._popen = subprocess.Popen(
                [sys.executable, "-B", "-m", "lib.story", scenario.folder, work, ROOT],
                cwd=LIB.parent, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True, preexec_fn=_die_with_parent)
        self.late = False

    @property
    def seconds(self):
        return time.monotonic() - self.started

    def poll(self):
        """True when it has ended; past its limit it is asked to end, then made to."""
        status = os.waitid(os.P_PID, self._popen.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if status is None and self.seconds > self.scenario.limit:
            if not self.late:
                os.kill(self._popen.pid, signal.SIGTERM)
            self.late = True
            if self.seconds > self.scenario.limit + 8:
                self.end()
                return True
        return status is not None

    def end(self):
        """Ends what is left of its session; the leader is reaped afterwards."""
        end_session(self._popen.pid)
        self._popen.wait()

    def outcome(self):
        """(ok | FAIL | skip, reason)"""
        self.end()
        if self.late:
            return "FAIL", f"not done after its limit of {self.scenario.limit} s"
        try:
            told = json.loads((self.work / "result.json").read_text())
        except (FileNotFoundError, ValueError):
            return "FAIL", f"the story ended with {self._popen.returncode}: see story.log"
        return told["result"], told["reason"]


def _die_with_parent():
    """If the runner itself is killed, the scenario gets SIGTERM and cleans up."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def find(base, patterns):
    """Scenario folders by name or glob; those that must fail only by name."""
    folders = sorted(f.parent for f in base.glob("*/scenario.py"))
    if not patterns:
        return [Scenario(f) for f in folders if not f.name.startswith("_must_fail")]
    picked = set()
    for pattern in patterns:
        some = fnmatch.filter([f.name for f in folders], pattern.rstrip("/").split("/")[-1])
        if not some:
            raise SystemExit(f"no scenario is named {pattern}")
        picked.update(some)
    return [Scenario(f) for f in folders if f.name in picked]


def show(run, outcome, reason, verbose):
    name, seconds = run.scenario.name, run.seconds
    line = f"{outcome:<4} {name:<32} {seconds:6.1f} s"
    print(line + (f"   {' '.join(reason.split())[:400]}" if reason else ""), flush=True)
    if outcome == "FAIL":
        log = run.work / "kamailio.log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        picked = [x for x in lines if re.search(
            "ERROR|WARNING|CRITICAL|BUG|failover_route|Sanitizer|exited", x)] or lines
        for text in (lines if verbose else picked)[-40 if verbose else -12:]:
            print(f"       | {text}")
        if verbose:
            print((run.work / "story.log").read_text(errors="replace"))
        print(f"       logs: {os.path.relpath(run.work)}", flush=True)


def run_all(scenarios, jobs, build, verbose):
    """{ok: n, FAIL: n, skip: n}"""
    counts = {"ok": 0, "FAIL": 0, "skip": 0}
    # what may take long begins first, so that nothing waits for it in the end
    waiting, running = sorted(scenarios, key=lambda s: -s.limit), []
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                scenario = waiting.pop(0)
                running.append(Run(scenario, build / scenario.name))
            for run in [r for r in running if r.poll()]:
                running.remove(run)
                outcome, reason = run.outcome()
                counts[outcome] += 1
                show(run, outcome, reason, verbose)
            time.sleep(0.05)
    finally:
        for run in running:
            run.end()
    return counts


def own_folder(path):
    """path, or path-2, path-3 ... if another run is at work in it; with its lock."""
    for number in range(1, 100):
        folder = path if number == 1 else path.with_name(f"{path.name}-{number}")
        folder.mkdir(parents=True, exist_ok=True)
        lock = open(folder / ".lock", "w")  # noqa: SIM115 held until we end
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return folder, lock
        except BlockingIOError:
            lock.close()
    raise RuntimeError(f"a hundred runs at work in {path}")


def main(base, argv=None, extra_limit=0):
    """extra_limit: seconds that every story may take beyond its own limit."""
    parser = argparse.ArgumentParser(description="Scenario tests on a real Kamailio.")
    parser.add_argument("names", nargs="*", help="folder names or globs; all if none")
    parser.add_argument("-j", type=int, default=SIDE_BY_SIDE, metavar="N",
                        help="how many at once (two a processor, at most 8)")
    parser.add_argument("-v", action="store_true", help="whole log tail of what fails")
    parser.add_argument("--list", action="store_true", help="names and what they tell")
    args = parser.parse_args(argv)
    scenarios = find(Path(base), args.names)
    for scenario in scenarios:
        scenario.limit += extra_limit
    if args.list:
        for s in scenarios:
            print(f"{s.name:<32} {s.about}")
        return 0
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also when started with &
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    build = Path(os.environ.get("FRT_SCENARIO_BUILD", ROOT / "build" / Path(base).name))
    lock = None
    if scenarios:
        build, lock = own_folder(build)
    try:
        counts = run_all(scenarios, max(1, args.j), build, args.v)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    skipped = f", {counts['skip']} skipped" if counts["skip"] else ""
    print(f"{counts['ok']} passed, {counts['FAIL']} failed{skipped}")
    return 1 if counts["FAIL"] or not counts["ok"] else 0
