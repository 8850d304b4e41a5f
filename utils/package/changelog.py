#!/usr/bin/env python3
"""Writes debian/changelog from CHANGELOG.md, so each change is told once.

usage: changelog.py SUFFIX     to standard output; SUFFIX goes behind each version
       changelog.py --check    does the latest heading name the version of the code, and
                               does debian/control ask for what the build needs?
"""
import datetime
import os
import re
import sys

ROOT = os.path.dirname(os.path.abspath(__file__)) + "/../.."
ESSENTIAL = {"binutils", "dpkg-dev", "gcc", "libc6-dev", "make"}  # of build-essential
HEADING = re.compile(r"^## (\d+\.\d+\.\d+) - (\d{4}-\d\d-\d\d)$", re.M)


def read(path):
    with open(f"{ROOT}/{path}", encoding="utf-8") as f:
        return f.read()


def releases():
    """(version, date, its items), the latest first."""
    parts = HEADING.split(read("CHANGELOG.md"))[1:]
    for version, date, body in zip(*[iter(parts)] * 3):
        items = re.findall(r"^- (.*(?:\n  .*)*)", body, re.M)
        yield version, date, [re.sub(r"\s+", " ", i) for i in items]


def wrap(text, width=76):
    line = "  *"
    for word in text.replace("`", "").split():
        if len(line) + 1 + len(word) > width:
            yield line
            line = "   "
        line += " " + word
    yield line


def write(suffix):
    maintainer = re.search(r"^Maintainer: (.*)$", read("debian/control"), re.M)[1]
    for version, date, items in releases():
        day = datetime.date.fromisoformat(date).strftime("%a, %d %b %Y")
        print(f"failover-route ({version}{suffix}) unstable; urgency=medium\n")
        for item in items:
            print("\n".join(wrap(item)))
        print(f"\n -- {maintainer}  {day} 00:00:00 +0000\n")


def check():
    code = re.search(r'#define FRT_VERSION "(.*)"',
                     read("modules/failover_route/frt_version.h"))[1]
    version, date, items = next(releases(), (None, None, []))
    if version != code or not items:
        sys.exit(f"CHANGELOG.md begins with {version}, frt_version.h has {code}:"
                 " a version has a heading '## VERSION - YYYY-MM-DD' and items")
    # What utils/setup.sh installs to build, a build of the packages asks for, too.
    build = re.search(r"^build=\((.*?)\)", read("utils/setup.sh"), re.M | re.S)[1]
    asked = re.findall(r"[\w.+-]+", read("debian/control").split("\n\n")[0])
    missing = set(build.split()) - set(asked) - ESSENTIAL
    if missing:
        sys.exit(f"debian/control does not build-depend on {', '.join(sorted(missing))},"
                 " which utils/setup.sh installs")
    print(f"changelog: {version} of {date}, {len(items)} items")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    check() if sys.argv[1] == "--check" else write(sys.argv[1])
