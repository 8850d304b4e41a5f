#!/bin/bash
# Fails where the module and its documentation differ: each script function,
# parameter, RPC command and event route of the C tables is described, nothing
# else is, and each script function can be called from KEMI too; and where the
# manual page differs from the commands and options of the command-line tool.
# usage: check-docs.sh [FOLDER]
set -euo pipefail
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/..}"
exec python3 - <<'PY'
import glob, re, shutil, subprocess, sys

MODULE = "modules/failover_route"
# The words of FRT_EVENT_LIST, but for the kinds that have no route.
with open(MODULE + "/frt_event.h", encoding="utf-8") as f:
    EVENTS = set(re.findall(r'X\(FRT_EV_\w+, "([\w-]+)"\)', f.read())) - {"change", "call"}
TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|("(?:\\.|[^"\\\n])*")', re.S)
faults = []

sources = {}
for path in sorted(glob.glob(MODULE + "/*.[ch]")):
    with open(path, encoding="utf-8") as f:
        sources[path] = TOKEN.sub(lambda m: m.group(1) or " ", f.read())


def elements(body):
    """The rows of an initializer, each as the list of its strings."""
    row, depth, rows = "", 0, []
    for token in re.findall(r'"(?:\\.|[^"\\\n])*"|[^"]', body):
        if token == "," and depth == 0:
            rows.append(row)
            row = ""
            continue
        depth += (token in ("{", "(")) - (token in ("}", ")"))
        if depth < 0:
            break
        row += token
    rows.append(row)
    return [re.findall(r'"((?:\\.|[^"\\\n])*)"', r) for r in rows]


def table(kind, column=0):
    found = []
    for text in sources.values():
        for m in re.finditer(kind + r"\s+\w+\s*\[[^\]]*\]\s*=\s*\{", text):
            found += [r[column] for r in elements(text[m.end():]) if len(r) > column]
    if not found and sources:
        faults.append(f"no {kind} table with rows in {MODULE}")
    return sorted(set(found))


# bind_ and load_ are for other modules, not for scripts.
functions = [f for f in table("cmd_export_t")
             if not f.startswith(("bind_", "load_"))]
params = table("param_export_t")
rpcs = table("rpc_export_t")
kemi = set(table("sr_kemi_t", 1))
events = set(EVENTS)
for text in sources.values():
    events |= set(re.findall(r'"failover_route:([a-z][a-z-]*)"', text))

for f in functions:
    if not {f, f.removeprefix("frt_")} & kemi:
        faults.append(f"{f}: in the script, but not in the KEMI table")

docs = sorted(glob.glob(MODULE + "/doc/*.xml"))
doc = ""
for path in docs:
    with open(path, encoding="utf-8") as f:
        doc += re.sub(r"<!--.*?-->", "", f.read(), flags=re.S)
    if shutil.which("xmllint"):
        run = subprocess.run(["xmllint", "--noout", "--nonet", path],
                             capture_output=True, text=True)
        if run.returncode:
            faults.append(run.stderr.strip())


def described(kind, names, tag, text):
    for name in sorted(names):
        if not re.search(rf"<{tag}\b[^>]*>\s*{text(re.escape(name))}", doc):
            faults.append(f"{kind} {name} is not documented (<{tag}> in {MODULE}/doc)")


def stale(kind, names, tag, pattern):
    titles = re.findall(rf"<title>\s*<{tag}\b[^>]*>\s*{pattern}", doc)
    for name in sorted(set(titles) - set(names)):
        faults.append(f"{kind} {name} is documented, but does not exist")


if not docs:
    faults.append(f"there is no documentation yet: {MODULE}/doc/*.xml")
else:
    described("function", functions, "function", lambda n: n + r"\b")
    described("parameter", params, "varname", lambda n: n + r"\s*<")
    described("RPC", rpcs, "function", lambda n: n + r"(?![\w-])")
    described("event route", events, "function",
              lambda n: rf"(?:event_route\[)?failover_route:{n}(?![\w-])")
    stale("function", functions, "function", r"(frt_\w+)")
    stale("parameter", params, "varname", r"(\w+)\s*<")
    stale("RPC", rpcs, "function", r"(failover_route\.\w+)")
    stale("event route", events, "function", r"event_route\[failover_route:([\w-]+)")

# The command-line tool: a command's file has its name and its options; the
# manual page has a section for it, and in that a paragraph for each option.
PAGE = "utils/failover-route.8"
commands = {}
for path in sorted(glob.glob("utils/frt_cli_*.c")):
    with open(path, encoding="utf-8") as f:
        text = TOKEN.sub(lambda m: m.group(1) or " ", f.read())
    names = [m for m in re.findall(r'\.name\s*=\s*"([\w-]+)"', text)]
    options = set()
    for m in re.finditer(r"cli_option_t\s+\w+\s*\[[^\]]*\]\s*=\s*\{", text):
        options |= {r[0] for r in elements(text[m.end():]) if r}
    if len(names) > 1:
        faults.append(f"{path}: more than one command, so whose are the options?")
    elif names or options:
        commands.setdefault(names[0] if names else "", set()).update(options)
page = {}
if commands:
    with open(PAGE, encoding="utf-8") as f:
        text = "\n".join(l for l in f.read().replace("\\-", "-").split("\n")
                         if not l.startswith('.\\"'))
    for part in re.split(r"^\.S(?=[SH] )", text, flags=re.M)[1:]:
        kind, title = part[0], part[2:].split("\n")[0]
        name = title.split()[0] if kind == "S" else ""
        if kind == "S" or title == "COMMON OPTIONS":
            page[name] = set(re.findall(r"^\.TP\n\.\w+ \"?(--[\w-]+)", part, re.M))
for name in sorted(commands | page):
    have, said = commands.get(name), page.get(name)
    what = f"command {name}" if name else "common options"
    if said is None:
        faults.append(f"{what}: has no section in {PAGE}")
    elif have is None:
        faults.append(f"{what}: is in {PAGE}, but does not exist")
    else:
        faults += [f"{what}: {o} is not in {PAGE}" for o in sorted(have - said)]
        faults += [f"{what}: {o} is in {PAGE}, but does not exist"
                   for o in sorted(said - have)]

for fault in faults:
    print(fault)
print(f"docs: {len(functions)} functions, {len(params)} parameters, "
      f"{len(rpcs)} RPCs, {len(events)} event routes, "
      f"{len(commands) - 1} commands of the tool, {len(faults)} faults")
sys.exit(bool(faults))
PY
