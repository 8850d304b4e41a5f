"""Instruction counts by valgrind's callgrind: the same on each run, whatever
else the machine does.
"""
import os
import re
import subprocess
from collections import Counter
from pathlib import Path

VALGRIND = ["valgrind", "--tool=callgrind", "--instr-atstart=no", "--compress-strings=no",
            "--compress-pos=no", "--quiet",
            "--trace-children=yes"]  # else forked processes cannot be told to count


class Profile:
    """Costs by function, summed over any number of callgrind's files.

    own: instructions in the function itself; all: with what it calls;
    calls: how often it was called; edges: {(caller, callee): [calls, instructions]}."""

    def __init__(self, *files):
        self.own, self.all, self.calls, self.edges = Counter(), Counter(), Counter(), {}
        self.object = {}
        for path in files:
            self._read(path)

    def _read(self, path):
        obj = called_obj = name = callee = None
        count = 0
        with open(path, errors="replace") as lines:
            for line in lines:
                if line[0].isdigit():
                    cost = int(line.split()[1])
                    self.all[name] += cost
                    if callee is None:
                        self.own[name] += cost
                        continue
                    edge = self.edges.setdefault((name, callee), [0, 0])
                    edge[0] += count
                    edge[1] += cost
                    callee = called_obj = None
                elif line.startswith("fn="):
                    name = _plain(line[3:])
                    self.object.setdefault(name, obj)
                elif line.startswith("ob="):
                    obj = os.path.basename(line[3:].strip())
                elif line.startswith("cob="):
                    called_obj = os.path.basename(line[4:].strip())
                elif line.startswith("cfn="):
                    callee = _plain(line[4:])
                    self.object.setdefault(callee, called_obj or obj)
                elif line.startswith("calls="):
                    count = int(line[6:].split()[0])
                    self.calls[callee] += count

    def inclusive(self, name):
        """Of a function that does not call itself."""
        return self.all[name]

    def called(self, pattern):
        """How often functions of that name were called."""
        return sum(n for name, n in self.calls.items() if re.fullmatch(pattern, name))


def _plain(name):
    """gcc and callgrind add to names what only they need: f.part.0, f'2."""
    return re.sub(r"('\d+|\.(part|constprop|isra|cold|lto_priv)\.?\d*)+$", "", name.strip())


def control(*options_and_pid):
    subprocess.run(["callgrind_control", *map(str, options_and_pid)], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)


def instrument(pid, on=True):
    """Counting is off at start, so that a process loads its tables fast."""
    control("-i", "on" if on else "off", pid)


def dumps(program, toggles, work, limit=120):
    """Runs a program that asks for dumps; (its output, [instructions of dump 1, 2 ...])"""
    work = Path(work)
    for old in work.glob("callgrind.out*"):
        old.unlink()
    done = subprocess.run(
        [*VALGRIND, *[f"--toggle-collect={t}" for t in toggles],
         f"--callgrind-out-file={work}/callgrind.out", *map(str, program)],
        capture_output=True, text=True, timeout=limit, check=False)
    if done.returncode:
        raise RuntimeError(f"{program[0]} under valgrind: {done.stdout}{done.stderr}")
    counts, number = [], 1
    while (path := work / f"callgrind.out.{number}").exists():
        counts.append(_total(path))
        number += 1
    return done.stdout, counts


def _total(path):
    with open(path) as lines:
        for line in lines:
            if line.startswith(("summary:", "totals:")):
                return int(line.split()[1])
    return 0
