"""The terminal: a line a second, and a line for each event in between."""
import os
import sys

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33"}
_HEALTH = {"up": "green", "down": "red", "trial": "yellow", "ramp": "yellow"}
COLUMN = 17


class Screen:
    def __init__(self, out=sys.stdout):
        self._out = out
        self._colours = out.isatty() and "NO_COLOR" not in os.environ
        self._lines = 0

    def paint(self, text, *names):
        if not self._colours or not names:
            return text
        return f"\033[{';'.join(_CODES[n] for n in names)}m{text}\033[0m"

    def say(self, text="", *names):
        try:
            print(self.paint(text, *names), file=self._out, flush=True)
        except BrokenPipeError:
            self._out = open(os.devnull, "w")

    def head(self, destinations):
        names = "".join(f"{d:<{COLUMN}}" for d in destinations)
        self.say(f"   time   {names}waiting  moved   delay p50     max", "bold")

    def second(self, time_s, cells, waiting, moved, delays):
        """cells: (destination, calls connected, health, share in percent or None)"""
        if self._lines % 20 == 0:
            self.head([c[0] for c in cells])
        self._lines += 1
        p50, top = (f"{d:.0f} ms" if d is not None else "-" for d in delays)
        self.say(f"{time_s:5.0f} s   " + "".join(self._cell(*c[1:]) for c in cells)
                 + f"{waiting:7d}{moved or '':>7}   {p50:>9}{top:>8}")

    def _cell(self, calls, health, share):
        word = f"{health} {share:.0f} %" if share is not None else health
        count = f"{calls:3d}" if calls else "  ."
        return f"{count} " + self.paint(f"{word:<{COLUMN - 4}}", _HEALTH.get(health, "dim"))

    def event(self, time_s, text, *names):
        self.say(f"{time_s:7.1f} s  {text}", *names)
