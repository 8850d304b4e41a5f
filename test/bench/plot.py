"""The figures of make bench as one picture."""
from math import log10

from . import systems
from .svg import FAINT, GRID, Svg

COLOUR = {name: s.colour for name, s in systems.BY_NAME.items()}
LABEL = {name: s.label for name, s in systems.BY_NAME.items()}
WIDTH, PANEL, LEFT, BAR = 900, 250, 250, 15
STRATEGY_COLOURS = ("#2f7f79", "#c65d21", "#829ab1", "#5c4b8a", "#e0a458", "#a61b1b")


def draw(path, data):
    panels = [(height(data[k]), k, title, body) for k, title, height, body in PANELS if data.get(k)]
    svg = Svg(WIDTH, 40 + sum(h for h, *_ in panels) + 20, "Speed and size")
    svg.text(12, 24, "Speed and size, with dispatcher and with failover_route", 17, weight="bold")
    y = 50
    for tall, key, title, body in panels:
        svg.text(12, y + 14, title, 13, weight="bold")
        body(svg, y + 28, data[key])
        y += tall
    svg.save(path)


def _bars(svg, top, bars, unit, scale=float):
    """[(label, value, colour)]; scale=log10 makes the scale logarithmic, from 1."""
    width = WIDTH - LEFT - 110
    most = max(scale(max(value, 10)) for _, value, _ in bars)
    for i, (label, value, colour) in enumerate(bars):
        y = top + i * (BAR + 4)
        size = width * scale(max(value, 1)) / most
        svg.text(LEFT - 8, y + BAR - 3, label, 11, anchor="end")
        svg.rect(LEFT, y, size, BAR, colour)
        svg.text(LEFT + size + 5, y + BAR - 3, f"{value:,.0f} {unit}", 11)
    svg.line(LEFT, top - 2, LEFT, top + len(bars) * (BAR + 4), FAINT)


def _lines(svg, top, lines, unit):
    """[(label, [(x, y)], colour)], both axes logarithmic."""
    width, height = WIDTH - LEFT - 160, PANEL - 70
    xs = [log10(x) for _, points, _ in lines for x, _ in points]
    ys = [log10(max(y, 1)) for _, points, _ in lines for _, y in points]
    low, high = int(min(ys)), int(max(ys)) + 1
    x0, x1 = min(xs), max(xs) if max(xs) > min(xs) else min(xs) + 1

    def at(x, y):
        return (LEFT + width * (log10(x) - x0) / (x1 - x0),
                top + height * (1 - (log10(max(y, 1)) - low) / (high - low)))
    for power in range(low, high + 1):
        y = at(10 ** x0, 10 ** power)[1]
        svg.line(LEFT, y, LEFT + width, y, GRID)
        svg.text(LEFT - 8, y + 4, f"{10 ** power:,} {unit}", 10, FAINT, "end")
    for x in sorted({x for _, points, _ in lines for x, _ in points}):
        svg.text(at(x, 1)[0], top + height + 14, f"{x:,}", 10, FAINT, "middle")
    lowest = top - 12
    for label, points, colour in sorted(lines, key=lambda line: -line[1][-1][1]):
        svg.path([at(x, y) for x, y in points], colour, stroke_width=2)
        for x, y in points:
            svg.dot(*at(x, y), 2.5, colour)
        x, y = at(*points[-1])
        lowest = max(y, lowest + 12)
        svg.text(x + 8, lowest + 4, label, 11, colour)
    svg.text(LEFT + width, top + height + 28, "destinations in the set", 10, FAINT, "end")


def _engine(svg, top, data):
    rows = [(how, sorted((int(n), c) for n, c in costs.items()))
            for case, how, costs in data if case == "choose"]
    _lines(svg, top, [(how, points, colour)
                      for (how, points), colour in zip(rows, STRATEGY_COLOURS)], "")


def _calls(svg, top, data):
    _bars(svg, top, [(f"{LABEL[name]}, {count:,}, {allocators}", max(added, 1), COLOUR[name])
                     for name, count, allocators, added, _ in data], "", log10)


def _is_from(svg, top, data):
    lines = {}
    for name, count, cost in data:
        lines.setdefault(name, []).append((count, cost))
    _lines(svg, top, [(LABEL[n], points, COLOUR[n]) for n, points in lines.items()], "")


def _memory(svg, top, data):
    _bars(svg, top, [(f"{LABEL[name]}, {what}", value, COLOUR[name])
                     for name, used, reloaded in data
                     for what, value in (("used", used), ("taken after reloads", reloaded))],
          "bytes")


def _reload(svg, top, data):
    _bars(svg, top, [(f"{LABEL[name]}, {table}", ms, COLOUR[name]) for name, table, ms in data],
          "ms")


def _capacity(svg, top, data):
    _bars(svg, top, [(f"{LABEL[name]}, {count:,}, {allocators}" if name != "floor" else
                      f"{LABEL[name]}, {allocators}", rate, COLOUR[name])
                     for name, count, allocators, rate in data], "calls/s")


def _bars_tall(data):
    return 60 + len(data) * (BAR + 4)


PANELS = (
    ("engine", "Instructions of a choice, the engine alone", lambda _: PANEL, _engine),
    ("calls", "Instructions a routed call adds to a fixed $du (by destinations, allocators; logarithmic)",
     _bars_tall, _calls),
    ("is_from", "Instructions to look up a stranger's source address", lambda _: PANEL, _is_from),
    ("memory", "Shared memory of one destination", lambda d: _bars_tall(2 * d), _memory),
    ("reload", "Time of a reload", _bars_tall, _reload),
    ("capacity", "Calls a second held by one worker (by destinations, allocators)",
     _bars_tall, _capacity),
)
