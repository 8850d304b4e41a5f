"""The outages as one picture: what became of the calls of each half second."""
from ..svg import FAINT, GRID, Svg

from .figures import NOTICED, SLOW

BIN = 0.5
LANE, GAP, HEAD, LEFT, PLOT, RIGHT = 26, 6, 26, 170, 620, 190
FINE, LATE, VERY_LATE, LOST = "#cfe3dc", "#f0c04f", "#d9722e", "#a61b1b"
LEGEND = ((FINE, f"rings within {NOTICED * 1000:.0f} ms of the usual"), (LATE, f"within {SLOW:g} s"),
          (VERY_LATE, f"later than {SLOW:g} s"), (LOST, "lost"))


def draw(path, rows, labels, results):
    """results: {(row, system): result}; rows: [Row]; labels: {system: label}"""
    rows = [r for r in rows if any((r.name, s) in results for s in labels)]
    panel = HEAD + len(labels) * (LANE + GAP) + 16
    svg = Svg(LEFT + PLOT + RIGHT, 60 + panel * len(rows), "What an outage does to calls")
    svg.text(12, 24, "What an outage does to calls", 17, weight="bold")
    x = 12
    for colour, text in LEGEND:
        svg.rect(x, 36, 12, 12, colour)
        svg.text(x + 17, 46, text, 11)
        x += 32 + 6.4 * len(text)
    for i, row in enumerate(rows):
        _panel(svg, 60 + i * panel, row, labels, results)
    svg.save(path)


def _panel(svg, top, row, labels, results):
    found = [results[row.name, s] for s in labels if (row.name, s) in results]
    begin, end, stop = found[0]["times"]
    scale = PLOT / stop
    svg.text(12, top + 16, row.name, 13, weight="bold")
    svg.text(LEFT, top + 16, row.what, 11, FAINT)
    for i, (system, label) in enumerate(labels.items()):
        y = top + HEAD + i * (LANE + GAP)
        svg.text(LEFT - 8, y + LANE / 2 + 4, label, 11, anchor="end")
        result = results.get((row.name, system))
        if not result:
            continue
        _lane(svg, y, scale, result)
        svg.text(LEFT + PLOT + 8, y + LANE / 2 + 4,
                 f"{result['lost']:.0f} lost, {result['slow']:.0f} late", 11)
    y = top + HEAD + len(labels) * (LANE + GAP)
    for second in (begin, end):
        svg.line(LEFT + second * scale, top + HEAD - 4, LEFT + second * scale, y, FAINT,
                 stroke_dasharray="3 2")
    svg.line(LEFT, y, LEFT + PLOT, y, GRID)
    svg.text(LEFT + begin * scale, y + 11, f"{begin:g} s", 9, FAINT, "middle")
    svg.text(LEFT + end * scale, y + 11, f"{end:g} s", 9, FAINT, "middle")


def _lane(svg, y, scale, result):
    bins = {}
    for start, added in result["calls"]:
        kind = 3 if added is None else 2 if added > SLOW else 1 if added > NOTICED else 0
        bins.setdefault(int(start / BIN), [0, 0, 0, 0])[kind] += 1
    for n, kinds in bins.items():
        total, base = sum(kinds), y + LANE
        for kind, (colour, _) in zip(kinds, LEGEND):
            height = LANE * kind / total
            if height:
                base -= height
                svg.rect(LEFT + n * BIN * scale, base, BIN * scale + 0.2, height, colour)
