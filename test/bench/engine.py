"""Runs engine/engine.c under callgrind: what the engine costs, by size."""
from pathlib import Path

from . import callgrind

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "build/bench/engine"
TOGGLES = {"calls": ["frt_choose", "frt_gen_from", "frt_gen_weigh_one_locked"],
           "loads": ["frt_draft_check", "frt_gen_freeze", "frt_draft_expand"]}


def measure(what, sizes, work):
    """({(case, variant): {size: instructions each}}, {of what: {size: bytes each}})"""
    out, counts = callgrind.dumps([PROGRAM, what, *sizes], TOGGLES[what], work)
    cases, memory = {}, {}
    for line in out.splitlines():
        fields = line.split("\t")
        if fields[0] == "bytes":
            _, kind, size, total = fields
            memory.setdefault(kind, {})[int(size)] = int(total) / int(size)
            continue
        dump, case, variant, size, n = fields
        cases.setdefault((case, variant), {})[int(size)] = counts[int(dump) - 1] / int(n)
    return cases, memory
