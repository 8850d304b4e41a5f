"""A table in plain text that is Markdown as well."""


def render(head, rows):
    """Numbers to the right, words to the left. Cells are text already."""
    rows = [[str(c) for c in row] for row in rows]
    widths = [max(len(r[i]) for r in [head, *rows]) for i in range(len(head))]
    right = [all(_is_number(r[i]) for r in rows) for i in range(len(head))]

    def line(cells):
        return "| " + " | ".join(c.rjust(w) if r else c.ljust(w)
                                 for c, w, r in zip(cells, widths, right)) + " |"
    rule = "|" + "|".join("-" * (w + 1) + (":" if r else "-")
                          for w, r in zip(widths, right)) + "|"
    return "\n".join([line(head), rule, *map(line, rows)])


def _is_number(text):
    return not text or text[0].isdigit() or text[0] in "-+>–"


def count(value):
    """12,345 or - if there is none."""
    return "–" if value is None else f"{value:,.0f}"
