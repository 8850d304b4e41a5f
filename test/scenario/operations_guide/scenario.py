"""Every command of the operations guide gives what the guide shows.

Blocks of console in doc/operations.md are run in order; `<!-- lab: ... -->` between them
brings about what the runbook is for.
"""
import itertools
import re
import shlex
import subprocess

from lib.shown import commands, differs

LIMIT = 120
GUIDE = "modules/failover_route/doc/operations.md"


def run(lab, command):
    argv = shlex.split(command)
    if argv[0] == "kamcmd":
        return lab.kamcmd(*argv[1:])
    assert argv[:3] == ["failover-route", "top", "--once"], command
    rpc = lab.kamailio.rpc
    return subprocess.run([str(lab.root / "build/failover-route"), *argv[1:], "--at",
                           f"http://{rpc.host}:{rpc.port}/RPC"], capture_output=True, text=True, check=True).stdout


def steps(text):
    """("lab", statements) or ("command", line, shown lines)"""
    for lab, block in re.findall(r"<!-- lab:\s*(.*?)-->|```console\n(.*?)```", text, re.S):
        if lab:
            yield "lab", lab
            continue
        for command, shown in commands(block):
            yield "command", command, shown


def story(lab):
    lab.start()
    us_east_1, us_east_2, eu_west_1 = lab.gateways_named("gw1", "gw2", "gw3")
    names = {"lab": lab, "user": map(str, itertools.count(400)), "us_east_1": us_east_1, "us_east_2": us_east_2, "eu_west_1": eu_west_1}
    count = 0
    for step in steps((lab.root / GUIDE).read_text()):
        if step[0] == "lab":
            exec(step[1], names)  # noqa: S102 our own document
            continue
        told = run(lab, step[1])
        wrong = differs(step[2], told.splitlines())
        assert wrong is None, f"{step[1]}: {wrong}\n{told}"
        count += 1
    assert count >= 12
