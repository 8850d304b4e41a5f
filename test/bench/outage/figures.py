"""From what was seen in one run to the columns of the table."""
from statistics import median

SLOW, NOTICED = 1.0, 0.1  # seconds of added delay


def result(run, calls, sent, changes):
    """What result.json holds. A call's added delay is what it took longer to ring than
    the median call before the fault."""
    row, times = run.row, run.times
    usual = median([c.delay for c in calls if c.delay is not None and c.start < times.begin])
    added = {c.number: max(0.0, c.delay - usual) for c in calls if c.delay is not None}
    struck = [c for c in calls if times.begin <= c.start < times.end]
    delays = sorted(added[c.number] for c in struck if c.number in added)
    good_ids = {call_id for _, call_id, _ in sent if call_id.endswith("@" + run.lab.slot.load)}
    sent = [s for s in sent if s[1] in good_ids]
    at_bad = [s for s in sent if s[2] == row.bad and times.begin <= s[0] < times.end]
    return {
        "row": row.name, "system": run.system.name,
        "times": [times.begin, times.end, times.stop],
        "placed": len(calls),
        "lost": sum(c.delay is None for c in calls),
        "lost_codes": _count(c.code for c in calls if c.delay is None),
        "slow": sum(a > SLOW for a in added.values()),
        "noticed": sum(a > NOTICED for a in added.values()),
        "p50": _quantile(delays, 0.5), "p95": _quantile(delays, 0.95),
        "p99": _quantile(delays, 0.99), "usual": usual,
        "sent_bad": max(0, len({s[1] for s in at_bad}) - 1) if row.bad else None,
        "changes": len(changes),
        "detect": _detect(row, times, changes),
        "return": _return(run, times),
        "kept": _kept(row, times, sent),
        "calls": [[round(c.start, 3), None if c.delay is None else round(added[c.number], 4)]
                  for c in calls],
        "events": [[round(s, 2), gw, up] for s, gw, up in changes],
    }


def _count(items):
    out = {}
    for item in items:
        out[item] = out.get(item, 0) + 1
    return out


def _quantile(values, q):
    return values[min(len(values) - 1, int(q * len(values)))] if values else None


def _detect(row, times, changes):
    """From the fault's begin until the bad gateway no longer takes calls."""
    return next((round(s - times.begin, 2) for s, gw, up in changes
                 if gw == row.bad and not up and times.begin <= s < times.end), None)


def _return(run, times):
    """From the fault's end until the bad gateway answers a call again."""
    if not run.bad:
        return None
    return next((round(t - run.started - times.end, 2) for t in run.bad[0].answered
                 if t - run.started >= times.end), None)


def _kept(row, times, sent):
    """Of the calls of the fault's time, the share first sent to each gateway."""
    first = {}
    for second, call_id, gw in sent:
        if times.begin <= second < times.end:
            first.setdefault(call_id, gw)
    counts = _count(first.values())
    names = [gw for tier in row.tiers for gw in tier]
    return {gw: round(counts.get(gw, 0) / len(first), 3) for gw in names} if first else {}
