#!/bin/bash
# Fails on an include that runs against the direction of the layers, on headers
# that include each other, on what the engine must not call, and on a test of the
# Kamailio version outside frt_compat.h. usage: check-layers.sh [FOLDER]
set -euo pipefail
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/..}"
exec python3 - <<'PY'
import glob, os, re, sys

MODULE = "modules/failover_route"

# The layers, by the name after frt_. A file that is not named is an adapter,
# which nothing below may include.
LAYERS = {
    "base": {"params", "compat", "link"},
    "source": {"xml", "xml_priv", "xml_load", "xml_parse", "xml_walk",
        "db", "db_rows", "dns", "dns_once"},
    "table": {"lock", "shm", "slab", "away", "event", "observe", "wake", "flight", "names", "stats"},
    "mod": {"failover_route_mod"},
}
# What each may include; headers that include each other are found apart.
MAY_INCLUDE = {
    "engine": {"engine"},
    "base": {"engine", "base"},
    "source": {"engine", "base", "source"},
    "table": {"engine", "base", "table"},
    "adapter": {"engine", "base", "source", "table", "adapter"},
    "mod": {"engine", "base", "source", "table", "adapter"},
}
# C11 headers without a clock, signals, threads or the locale.
ENGINE_LIBC = {h + ".h" for h in """assert ctype errno float inttypes limits
    math stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib
    string""".split()}
# Time, random numbers and memory are arguments of the engine; it does no I/O.
ENGINE_CALLS = re.compile(r"(?<![\w.>])(malloc|calloc|realloc|free|strn?dup|"
    r"time|clock|clock_gettime|gettimeofday|s?rand|s?random|drand48|f?open|"
    r"f?printf|f?puts|putchar|perror|getenv|exit)\s*\(")
VERSION = re.compile(r"\b(VERSIONVAL|FRT_KAM_VERSION|KAMAILIO_VERSION)\b")
COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.S)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)

faults = []


def line(text, pos):
    return text.count("\n", 0, pos) + 1


def without_comments(text):
    """Comments and strings go, the lines stay where they are."""
    def blank(m):
        keep = m.group(0).startswith('"') and re.search(
            r"#[ \t]*include[ \t]*$", text[max(0, m.start() - 40):m.start()])
        return m.group(0) if keep else re.sub(r"[^\n]", " ", m.group(0))
    return COMMENT.sub(blank, text)


def stem(path):
    return os.path.splitext(os.path.basename(path))[0]


files = sorted(glob.glob(MODULE + "/*.[ch]") + glob.glob(MODULE + "/engine/*.[ch]"))
if not files:
    sys.exit("layers: no sources below " + MODULE)
engine = {stem(f) for f in files if "/engine/" in f}
host = {stem(f) for f in files if "/engine/" not in f}
for name in sorted(engine & host):
    faults.append(f"{MODULE}/{name}: the same name as in engine/")


def layer(name):
    if name in engine:
        return "engine"
    short = name[4:] if name.startswith("frt_") else name
    return next((l for l, names in LAYERS.items() if short in names), "adapter")


uses = {}
for path in files:
    with open(path, encoding="utf-8") as f:
        text = without_comments(f.read())
    me = stem(path)
    mine = layer(me)
    for m in INCLUDE.finditer(text):
        where, (bracket, name) = f"{path}:{line(text, m.start())}", m.groups()
        other = stem(name)
        if name.endswith(".c"):
            faults.append(f"{where}: includes a .c file, {name}")
        elif bracket == '"' and other in engine | host and not name.startswith("../../"):
            theirs = layer(other)
            if path.endswith(".h"):
                uses.setdefault(me, {}).setdefault(other, where)
            if theirs not in MAY_INCLUDE[mine]:
                faults.append(f"{where}: {mine} must not include {theirs} ({name})")
        elif mine == "engine" and name not in ENGINE_LIBC:
            faults.append(f"{where}: the engine includes only libc and its own"
                          f" headers, not {name}")
    if mine == "engine":
        for m in ENGINE_CALLS.finditer(text):
            faults.append(f"{path}:{line(text, m.start())}: the engine must not"
                          f" call {m.group(1)}()")
    if me != "frt_compat":
        for m in VERSION.finditer(text):
            faults.append(f"{path}:{line(text, m.start())}: only frt_compat.h"
                          f" may look at the version ({m.group(1)})")

# Depth first; a file on the way that comes up again closes a circle.
done, circles = set(), set()


def walk(name, way):
    if name in way:
        ring = way[way.index(name):]
        if frozenset(ring) not in circles:
            circles.add(frozenset(ring))
            faults.append(f"{uses[ring[-1]][name]}: a circle of includes, "
                          + " -> ".join(ring + [name]))
        return
    if name not in done:
        for other in uses.get(name, {}):
            walk(other, way + [name])
        done.add(name)


for name in sorted(uses):
    walk(name, [])

for fault in faults:
    print(fault)
print(f"layers: {len(files)} files, {len(faults)} faults")
sys.exit(bool(faults))
PY
