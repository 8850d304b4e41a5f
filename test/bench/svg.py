"""A drawing as SVG text, by the standard library only."""
from html import escape

INK, FAINT, GRID = "#243b53", "#829ab1", "#d9e2ec"


class Svg:
    def __init__(self, width, height, title):
        self.width, self.height, self._parts = width, height, []
        self.title = title

    def rect(self, x, y, width, height, fill, **more):
        self._add("rect", x=_n(x), y=_n(y), width=_n(max(0, width)), height=_n(max(0, height)),
                  fill=fill, **more)

    def line(self, x1, y1, x2, y2, stroke=GRID, **more):
        self._add("line", x1=_n(x1), y1=_n(y1), x2=_n(x2), y2=_n(y2), stroke=stroke, **more)

    def path(self, points, stroke, **more):
        self._add("polyline", points=" ".join(f"{_n(x)},{_n(y)}" for x, y in points),
                  fill="none", stroke=stroke, **more)

    def dot(self, x, y, r, fill):
        self._add("circle", cx=_n(x), cy=_n(y), r=_n(r), fill=fill)

    def text(self, x, y, text, size=11, fill=INK, anchor="start", weight="normal"):
        self._add("text", escape(str(text)), x=_n(x), y=_n(y), fill=fill,
                  **{"font-size": size, "text-anchor": anchor, "font-weight": weight})

    def _add(self, name, content="", **attributes):
        text = " ".join(f'{k.replace("_", "-")}="{escape(str(v))}"' for k, v in attributes.items())
        self._parts.append(f"<{name} {text}>{content}</{name}>" if content else f"<{name} {text}/>")

    def save(self, path):
        path.write_text(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{self.height}" '
            f'viewBox="0 0 {self.width} {self.height}" font-family="sans-serif">\n'
            f"<title>{escape(self.title)}</title>\n"
            f'<rect width="100%" height="100%" fill="#ffffff"/>\n'
            + "\n".join(self._parts) + "\n</svg>\n")


def _n(value):
    return f"{value:.1f}".rstrip("0").rstrip(".")
