"""failover-route top with 10,000 destinations: all of them by either transport, and in a
terminal the keys answer while tables of that size come in.
"""
import json
import re
import subprocess

LIMIT = 240
COUNT = 10000
DATAGRAM = '''modparam("jsonrpcs", "transport", 5)
modparam("jsonrpcs", "dgram_socket", "${work}/rpc.sock")
'''


def once(program, at, *args):
    done = subprocess.run([program, "top", "--once", "--at", str(at), *args],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def prints_all(lab, program, at):
    lines = once(program, at)
    assert len(lines) == COUNT + 1
    assert {line.split()[1] for line in lines[1:]} == {f"d{n:05}" for n in range(COUNT)}
    assert lines[1].split()[:4] == ["big", "d07777", "down", "ready"], "the worst is first"
    # what a program would read: as many fields in each line, up to the reason
    assert {len(line.split(None, 15)) for line in lines} == {16}
    assert len(once(program, at, "--filter", "D0123")) == 1 + 10
    found = json.loads("\n".join(once(program, at, "--json")))
    worst = found["destinations"][0]
    assert len(found["destinations"]) == COUNT and found["command"] == "top"
    assert (worst["destination"], worst["state"], worst["priority"]) == ("d07777", "down", 1)
    lines = once(program, at, "--sort", "destination", "--reverse", "big")
    assert lines[1].split()[1] == "d09999" and lines[COUNT].split()[1] == "d00000"


def story(lab):
    lab.start(shm_mb=512, modparams=DATAGRAM, destinations="\n    ".join(
        f'<destination id="d{n:05}" uri="sip:10.1.{n // 250}.{n % 250}"/>' for n in range(COUNT)))
    program = lab.root / "build/failover-route"
    http = f"http://{lab.slot.kam}:{lab.kamailio.rpc.port}"
    lab.rpc("failover_route.set_health", "big", "d07777", "down")
    for at in (lab.work / "rpc.sock", http):
        prints_all(lab, program, at)

    terminal = lab.terminal(program, "top", "-a", lab.work / "rpc.sock", "-i", "0.1")
    terminal.wait("1 set, 0 down; 10000 destinations: 1 down 9999 up", limit=40)
    print(re.sub(r".*, (read .*)", r"\1", terminal.screen[1]))
    terminal.type("s", "s")
    terminal.wait("sort: destination")
    terminal.type("End")
    terminal.wait("big", "d09999")
    terminal.type("PPage", "PPage", "Home")
    terminal.wait("big", "d00000")
    terminal.type("/")
    terminal.write("d055")
    terminal.wait("show: d055_")
    terminal.type("Enter", "Home", "Down", "d", "y")
    terminal.wait("big/d05501: drain; 0 calls in progress")
    terminal.wait("d05501", "drain", "drained by the operator")
    terminal.type("e")
    terminal.wait("A new call to big: d")
    lab.wait(lambda: terminal.type("End") or any("- d05501" in line or "+ d09999" in line
                                                 for line in terminal.screen),
             "the explanation goes on to the last one", 60, 0.3)
    terminal.type("q")
    lines = once(program, http, "-f", "drained")
    assert len(lines) == 2 and lines[1].split()[1:4] == ["d05501", "up", "drain"]
    terminal = lab.terminal(program, "top", "-a", http)
    terminal.wait("10000 destinations")
    terminal.type("e")
    terminal.wait("A new call to big: d")
