#!/bin/bash
# Fails on what the house style forbids and the formatter does not see: long
# functions and files, unsafe calls, variables shared through headers, blanks
# for tabs, files and exported functions that do not say what they are for.
# usage: check-style.sh [FOLDER]
set -euo pipefail
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/..}"
exec python3 - <<'PY'
import glob, os, re, sys

FUNCTION_MAX, FILE_MAX = 70, 800
UNSAFE = re.compile(r"\b(strcpy|strcat|v?sprintf|gets)\s*\(")
TOKEN = re.compile(
    r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])+'", re.S)
HEAD = re.compile(r"\A(?:/\*.*?\*/|(?://[^\n]*\n)+)", re.S)
SPDX = "SPDX-License-Identifier: GPL-2.0-or-later"
PROTOTYPE = re.compile(r"^(?!typedef\b|struct\b[^(]*\{|extern \"C\"|_Static_assert)"
                       r"[A-Za-z_][^;{}=]*\)[^;{}=]*;", re.M)

faults = []


def blank(m):
    return re.sub(r"[^\n]", " ", m.group(0))


def line(text, pos):
    return text.count("\n", 0, pos) + 1


def check_text(path, text, code):
    for n, l in enumerate(text.split("\n"), 1):
        if l != l.rstrip():
            faults.append(f"{path}:{n}: trailing blanks")
        # Inside comments (blanked in code) text may be set with blanks.
        if re.match(r"\t* {4,}\S|\t* +\t", l) and code.split("\n")[n - 1].strip():
            faults.append(f"{path}:{n}: indented with blanks, not tabs")
    if text and not text.endswith("\n"):
        faults.append(f"{path}: no newline at the end")
    if text.count("\n") > FILE_MAX:
        faults.append(f"{path}: {text.count(chr(10))} lines, over {FILE_MAX}")


def check_head(path, text):
    head = HEAD.match(text)
    if not head:
        faults.append(f"{path}:1: does not start with a comment")
        return
    words = re.sub(r"[*/]+", " ", head.group(0))
    if SPDX not in words:
        faults.append(f"{path}:1: no '{SPDX}' in the head")
    words = re.sub(r"SPDX\S*\s+\S+", " ", words)
    if not re.search(r"\w+\s+\w+.*?[.!?](\s|$)", words, re.S):
        faults.append(f"{path}:1: the head has no sentence of what it is for")


def check_functions(path, code):
    """A function's body is a brace alone in column 0; tables open theirs at
    the end of a line."""
    start = None
    for n, l in enumerate(code.split("\n"), 1):
        if l.rstrip() == "{":
            start = n
        elif l.startswith("}") and start:
            if n - start + 1 > FUNCTION_MAX and not l.rstrip().endswith(";"):
                faults.append(f"{path}:{start}: a function of {n - start + 1}"
                              f" lines, over {FUNCTION_MAX}")
            start = None


def check_extern(path, text, code):
    lines = text.split("\n")
    for m in re.finditer(r"^[ \t]*extern\b[^;{]*[;{]", code, re.M):
        n = line(code, m.start())
        stated = "generated" in lines[n - 1] + lines[max(0, n - 2)]
        constant = re.search(r"\bconst\b", m.group(0)) and stated
        if "(" not in m.group(0) and m.group(0)[-1] == ";" and not constant:
            faults.append(f"{path}:{n}: a variable in a header; only const data"
                          " marked /* generated */ may be")


def check_comments(path, text, code):
    """Each prototype follows a comment, directly or in one block of them."""
    code = re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", blank, code, flags=re.M | re.S)
    # Only what is outside braces counts; bodies of structs are not prototypes.
    flat, depth = [], 0
    for c in code:
        depth -= c == "}"
        flat.append(c if depth == 0 or c == "\n" else " ")
        depth += c == "{"
    flat, lines = "".join(flat), text.split("\n")
    said_until = 0
    for m in PROTOTYPE.finditer(flat):
        first, last = line(flat, m.start()), line(flat, m.end())
        before = lines[first - 2].strip() if first > 1 else ""
        said = before.startswith("//") or (
            before.startswith(("/*", "*")) and before.endswith("*/"))
        if said or (said_until and said_until == first - 1):
            said_until = last
        elif not m.group(0).startswith(("FRT_", "#")):
            name = re.search(r"(\w+)\s*\(", m.group(0))
            faults.append(f"{path}:{first}: {name and name.group(1)}() has no"
                          " comment on what it does")


files = sorted(f for top in ("modules", "utils", "test")
               for f in glob.glob(top + "/**/*.[ch]", recursive=True))
if not files:
    sys.exit("style: no sources")
for path in files:
    with open(path, encoding="utf-8", newline="") as f:
        text = f.read()
    code = TOKEN.sub(blank, text)
    check_text(path, text, code)
    check_head(path, text)
    check_functions(path, code)
    for m in UNSAFE.finditer(code):
        faults.append(f"{path}:{line(code, m.start())}: {m.group(1)}()")
    if path.endswith(".h"):
        check_extern(path, text, code)
        if path.startswith("modules/"):
            check_comments(path, text, code)

for fault in faults:
    print(fault)
print(f"style: {len(files)} files, {len(faults)} faults")
sys.exit(bool(faults))
PY
