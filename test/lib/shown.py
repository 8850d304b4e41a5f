"""What a document shows of a command's answer against what the command told: numbers and times may
differ, words may not; a line that is only an ellipsis stands for any lines.
"""
import re


def plain(line):
    line = re.sub(r"\b\d+(\.\d+)? ?(ms|s|min|h)\b", "TIME", line.strip())
    return re.sub(r"\s+", " ", re.sub(r"\d+", "N", line))


def differs(shown, told):
    """The first line that is shown and was not told, or the other way round, as a sentence; None."""
    told = [plain(x) for x in told if x.strip()]
    at, gap = 0, False
    for line in (x for x in shown if x.strip()):
        if line.strip() in ("…", "..."):
            gap = True
            continue
        while gap and at < len(told) and told[at] != plain(line):
            at += 1
        if at >= len(told) or told[at] != plain(line):
            return f"{line.strip()!r} is shown, there is {told[at] if at < len(told) else 'nothing'!r}"
        at, gap = at + 1, False
    return None if gap or at == len(told) else f"not shown: {told[at]!r}"


def commands(block):
    """(command, shown lines) of a block with "# command" and its answer below."""
    for part in re.split(r"^# (?!HELP|TYPE)", block, flags=re.M)[1:]:
        command, *shown = part.splitlines()
        yield command, shown
