#!/usr/bin/env python3
"""Makes the module's manual pages of its docbook: failover_route(7), and the
section on the configuration file as failover_route.xml(5).

usage: man-pages.py FOLDER
"""
import os
import re
import sys
import xml.etree.ElementTree as ET

HERE = os.path.dirname(os.path.abspath(__file__))
DOC = os.path.join(HERE, "../../modules/failover_route/doc/failover_route_admin.xml")
FILE = "failover_route.s.file"
BOLD = {"function", "varname", "parameter", "command", "literal", "filename"}


def escape(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    text = text.replace("\u2013", "\\(en").replace("\u00d7", "\\(mu")
    return text.replace("\u2026", "...").replace("\u2264", "<=").replace("\u2265", ">=")


def inline(element):
    """The text of an element, its whitespace as one blank, fonts for its parts."""
    parts = [escape(element.text or "")]
    for child in element:
        font = "B" if child.tag in BOLD else "I" if child.tag == "emphasis" else ""
        inner = inline(child).strip()
        if font and inner:
            inner = f"\\f{font}{inner}\\fP"
        parts += [inner, escape(child.tail or "")]
    return re.sub(r"\s+", " ", "".join(parts)).strip("\n") if parts else ""


def line(text):
    """A line of text that troff cannot take for a request."""
    text = text.strip()
    return "\\&" + text if text[:1] in (".", "'") else text


def verbatim(element, out):
    out += [".PP", ".RS 4", ".nf"]
    out += [line_kept(text) for text in element.text.strip("\n").split("\n")]
    out += [".fi", ".RE"]


def line_kept(text):
    text = escape(text.expandtabs(4))
    return "\\&" + text if text[:1] in (".", "'") else text


def table(element, out):
    """Each row: what the first column says, then the others as its text."""
    for row in element.iter("row"):
        cells = [line(inline(entry)) for entry in row.findall("entry")]
        if row in [r for head in element.iter("thead") for r in head]:
            continue
        out += [".TP", f"\\fB{cells[0]}\\fP", ". ".join(c.rstrip(".") for c in cells[1:] if c)
                or "\\&"]
        out[-1] = line(out[-1])


def block(element, out, depth):
    tag = element.tag
    if tag == "section":
        heading = line(inline(element.find("title")))
        out += [f".SH {heading.upper()}" if depth == 0 else f".SS {heading}"]
        for child in element:
            block(child, out, depth + 1)
    elif tag in ("para", "simpara"):
        out += [".PP", line(inline(element))]
    elif tag in ("programlisting", "screen"):
        verbatim(element, out)
    elif tag in ("informaltable", "table"):
        table(element, out)
    elif tag in ("itemizedlist", "orderedlist"):
        for number, item in enumerate(element.findall("listitem"), 1):
            mark = "\\(bu 2" if tag == "itemizedlist" else f"{number}. 4"
            out += [f".IP {mark}", line(" ".join(inline(p) for p in item))]
    elif tag == "variablelist":
        for entry in element.findall("varlistentry"):
            out += [".TP", f"\\fB{line(inline(entry.find('term')))}\\fP",
                    line(" ".join(inline(p) for p in entry.find("listitem")))]
    elif tag == "example":
        for child in element.findall("programlisting"):
            verbatim(child, out)
    elif tag != "title":
        sys.exit(f"man-pages: <{tag}> is not known here")


def page(name, section, what, sections, see):
    out = [".\\\" Generated from modules/failover_route/doc by utils/package/man-pages.py.",
           f".TH {escape(name.upper())} {section} \"\" \"failover_route\" \"Kamailio\"",
           ".SH NAME", f"{escape(name)} \\- {what}"]
    for element in sections:
        block(element, out, 0)
    out += [".SH SEE ALSO", see]
    return "\n".join(text for text in out if text) + "\n"


def main():
    top = [s for s in ET.parse(DOC).getroot() if s.tag == "section"]
    pages = {
        "failover_route.7": page(
            "failover_route", 7, "Kamailio module: SIP failover routing",
            [s for s in top if s.get("id") != FILE],
            ".BR failover_route.xml (5), failover\\-route (8), kamailio (8), kamcmd (8)"),
        "failover_route.xml.5": page(
            "failover_route.xml", 5, "destinations of Kamailio's module failover_route",
            [s for s in top if s.get("id") == FILE],
            ".BR failover_route (7), failover\\-route (8)")}
    for name, text in pages.items():
        with open(os.path.join(sys.argv[1], name), "w", encoding="ascii") as f:
            f.write(text)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main()
