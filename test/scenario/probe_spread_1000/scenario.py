"""Probing 1,000 destinations does not burst.

Peers row 6: dispatcher sends all pings at one tick, which overflows socket buffers and
delays calls. Here the largest number of probes in any 100 ms stays under twice the
mean, from the first second on, and each destination is asked once an interval.
"""
from collections import Counter

from lib.sink import Sink

COUNT, INTERVAL = 1000, 5.0


def story(lab):
    sink = Sink(lab.reactor, lab.slot.host(50), 20000, COUNT)
    lab.start(destinations="\n    ".join(
        f'<destination id="d{n}" uri="sip:{sink.host}:{20000 + n}"/>' for n in range(COUNT)))
    lab.wait(lambda: len(sink.arrivals) >= 4.2 * COUNT, "four rounds of probes", limit=60)
    sink.close()

    times = sorted(t for t, _port in sink.arrivals)
    mean = len(times) / (times[-1] - times[0]) / 10  # in 100 ms
    assert abs(mean - COUNT / INTERVAL / 10) < 3
    # where the machine has stood still, what was late is caught up with
    still = [b for a, b in zip(times, times[1:]) if b - a > 0.2]
    assert len(still) <= 2, still
    assert busiest([t for t in times if not any(0 <= t - s < 2 for s in still)], 0.1) < 2 * mean
    per_port = Counter(port for _t, port in sink.arrivals)
    assert len(per_port) == COUNT
    assert min(per_port.values()) >= 3 and max(per_port.values()) <= 6
    states = [d["health"] for d in lab.set()["destinations"]]
    assert states == ["up"] * COUNT


def busiest(times, width):
    """The largest number of times in any window of this width."""
    most = first = 0
    for last, time in enumerate(times):
        while times[first] <= time - width:
            first += 1
        most = max(most, last - first + 1)
    return most
