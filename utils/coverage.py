#!/usr/bin/python3
"""Sums what gcov says of the engine: coverage.py FOLDER LINES BRANCHES"""
import json
import subprocess
import sys
from pathlib import Path


def counts(obj):
    """(lines, reached, branches, taken) of one object."""
    said = subprocess.run(["gcov", "--json-format", "--stdout", "--branch-probabilities", str(obj)],
                          capture_output=True, check=True, text=True).stdout
    lines = reached = branches = taken = 0
    for text in said.splitlines():
        for file in json.loads(text)["files"]:
            if not file["file"].endswith(".c"):
                continue
            for line in file["lines"]:
                lines += 1
                reached += line["count"] > 0
                branches += len(line["branches"])
                taken += sum(b["count"] > 0 for b in line["branches"])
    return lines, reached, branches, taken


def percent(part, whole):
    return 100 * part / whole if whole else 100.0


def main():
    folder, least = Path(sys.argv[1]), [float(a) for a in sys.argv[2:4]]
    rows = {obj.stem: counts(obj) for obj in sorted((folder / "engine").glob("*.o"))}
    total = [sum(column) for column in zip(*rows.values())]
    print(f"{'file':<24} {'lines':>7} {'branches':>9}")
    for name, n in [*rows.items(), ("engine", total)]:
        print(f"{name:<24} {percent(n[1], n[0]):6.1f}% {percent(n[3], n[2]):8.1f}%")
    got = percent(total[1], total[0]), percent(total[3], total[2])
    return 0 if total[0] and got[0] >= least[0] and got[1] >= least[1] else 1


if __name__ == "__main__":
    sys.exit(main())
