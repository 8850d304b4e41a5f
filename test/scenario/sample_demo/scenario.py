"""`make run` as a user sees it: the primary dies and comes back, and no call is lost.

The timeline, the summary and the exit status agree, and nothing is left running.
"""
import os
import re
import subprocess

LIMIT = 150


def row(text, title):
    """The figures of one line of the summary: before, outage, after, all."""
    line = re.search(rf"^{title}\s+(.*)$", text, re.M)
    return [float(n) for n in re.findall(r"[\d.]+", line[1])]


def story(lab):
    if os.environ.get("FRT_PRELOAD"):
        raise lab.Skip("the demonstration preloads nothing")
    done = subprocess.run([str(lab.root / "utils/run.sh"), lab.variables["module_file"]],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          env={**os.environ, "TMPDIR": str(lab.work), "KEEP": ""})
    text = done.stdout
    (lab.work / "demo.txt").write_text(text + done.stderr)
    assert done.returncode == 0, text[-1500:]
    assert done.stderr == "" and "\033[" not in text

    placed, connected = row(text, "calls placed"), row(text, "connected")
    assert placed == connected and placed[3] == 620
    assert row(text, "lost") == [0, 0, 0, 0]
    assert row(text, "failed over")[3] >= 3
    assert row(text, "on us-east-1")[1] == 0 and row(text, "on us-east-1")[2] > 0
    # waiting calls are moved on: none waits for much more than the try-timeout of 1 s
    assert row(text, "delay p50")[1] < row(text, "delay max")[1] < 2000
    told = [text.index(s) for s in (
        "its process is killed", "us-east-1: up -> down: 3 ",
        "its process is started again", "down -> trial", "trial -> ramp: trial call answered",
        "ramp -> up: slow start done", "No call was lost.")]
    assert told == sorted(told)
    assert not list(lab.work.glob("failover_route-demo-*"))
