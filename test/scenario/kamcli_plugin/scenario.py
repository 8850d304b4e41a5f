"""kamcli failover_route: each of its commands, by Debian's kamcli and a real Kamailio."""
import os
import shutil
import subprocess
from pathlib import Path

KAMCLI = Path("/usr/lib/python3/dist-packages/kamcli")
DATAGRAM = '''modparam("jsonrpcs", "transport", 5)
modparam("jsonrpcs", "dgram_socket", "${work}/rpc.sock")
'''
INI = """[jsonrpc]
transport=socket
srvaddr={work}/rpc.sock
rcvaddr={work}/reply.sock
outformat=json
"""


class Kamcli:
    """A copy of Debian's, with the command in it: the machine's stays as it is."""

    def __init__(self, lab):
        if not KAMCLI.is_dir():
            raise lab.Skip("kamcli is not installed")
        shutil.copytree(KAMCLI, lab.work / "python/kamcli", dirs_exist_ok=True)
        shutil.copy(lab.root / "utils/kamcli/cmd_failover_route.py",
                    lab.work / "python/kamcli/commands")
        self.ini = lab.work / "kamcli.ini"
        self.ini.write_text(INI.format(work=lab.work))
        self.env = {**os.environ, "PYTHONPATH": str(lab.work / "python"), "LC_ALL": "C.UTF-8"}
        # Debian 13's kamcli 2.0.0 is older than its Python 3.13: no command of it runs.
        own = subprocess.run(
            ["python3", "-c", "import kamcli.cli as cli; cli.read_global_config([])"],
            env=self.env, capture_output=True, text=True, timeout=60)
        if own.returncode:
            raise lab.Skip(f"kamcli itself does not run: {own.stderr.splitlines()[-1]}")

    def run(self, *args):
        return subprocess.run(
            ["kamcli", "--no-default-configs", "--config", str(self.ini), "failover_route",
             *map(str, args)], env=self.env, capture_output=True, text=True, errors="replace",
            timeout=60)

    def __call__(self, *args):
        done = self.run(*args)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return [line.split() for line in done.stdout.splitlines()]

    def refused(self, *args):
        done = self.run(*args)
        assert done.returncode == 1 and "Traceback" not in done.stderr
        return done.stderr


def row(lines, *words):
    found = [line for line in lines if all(w in line for w in words)]
    assert len(found) == 1, (words, lines)
    return found[0]


def watches(lab, kamcli):
    """It goes on while Kamailio is away."""
    watch = subprocess.Popen(
        ["kamcli", "--no-default-configs", "--config", str(kamcli.ini), "failover_route", "watch",
         "-n", "0.3", "carriers"], env=kamcli.env, stdout=subprocess.PIPE, text=True)
    seen = []

    def until(text, enough=400):
        for line in watch.stdout:
            seen.append(line)
            if text in line:
                return
            assert len(seen) < enough, seen[-10:]
        raise AssertionError(f"watch ended: {seen[-10:]}")
    try:
        until("gw1")
        lab.stop()
        until("Kamailio is not there")
        lab.kamailio.start()
        until("gw1")
        assert watch.poll() is None
    finally:
        watch.terminate()
        watch.wait(10)
        watch.stdout.close()


def story(lab):
    lab.start(modparams=DATAGRAM, many="\n    ".join(
        f'<destination id="d{n}" uri="sip:10.9.{n // 250}.{n % 250}"/>' for n in range(300)))
    kamcli = Kamcli(lab)
    gw1, _ = lab.gateways_named("gw1", "gw2")

    lines = kamcli("list", "carriers")
    assert lines[0][:4] == ["SET", "DESTINATION", "HEALTH", "ADMIN"]
    assert row(lines, "gw1")[:6] == ["carriers", "gw1", "up", "ready", "1", "1"]
    assert len(kamcli("list")) == 1 + 3 + 300
    assert "no such set: nobody" in kamcli.refused("list", "nobody")

    done = kamcli("drain", "carriers", "gw2")
    assert done == ["carriers/gw2: drain; 1 of 1 changed; 0 calls in progress".split()]
    assert lab.dst("gw2")["admin"] == "drain"
    assert row(kamcli("list", "carriers"), "gw2")[3] == "drain"
    kamcli("ready", "carriers", "gw2")
    assert lab.dst("gw2")["admin"] == "ready"
    kamcli("maint", "many", "*")
    assert all(d["admin"] == "maint" for d in lab.set("many")["destinations"])
    assert "no such destination" in kamcli.refused("drain", "carriers", "gw9")
    hostile = kamcli.refused("drain", "carriers", 'x", "*')
    assert "no such destination" in hostile and lab.dst("gw1")["admin"] == "ready"

    gw1.reject(503)
    lab.place_many(range(100, 104))
    lab.wait_health("gw1", "down")
    lines = kamcli("explain", "carriers")
    assert lines[0][:3] == ["carriers", "(weighted):", "gw2:"]
    assert row(lines, "gw1", "no", "(traffic):") and row(lines, "gw2", "yes")
    assert kamcli("explain", "carriers", "4930123")[0][2] == "gw2:"
    lines = kamcli("explain", "many")
    assert {line[0] for line in lines if line and line[0][0] == "d"} == {f"d{n}" for n in range(300)}
    lines = kamcli("history", "carriers", 1)
    assert len(lines) == 2 and row(lines, "dst-down", "gw1", "up", "down", "traffic")
    assert len(kamcli("history")) > 2
    of_gw2 = kamcli("history", "carriers", 20, "gw2")
    assert len(of_gw2) > 1 and all("gw2" in line for line in of_gw2[1:])
    assert row(kamcli("history", "*", 20, "gw1", "10m"), "dst-down", "gw1")
    assert len(kamcli("history", "*", 20, "*", "*", "10m")) == 1, "nothing is that old"
    assert "no such destination" in kamcli.refused("history", "carriers", 20, "gw9")
    assert "expected how long ago" in kamcli.refused("history", "*", 20, "*", "yesterday")

    assert len([x for x in kamcli("watch", "-n", "0.1", "-c", "2", "carriers") if "gw1" in x]) == 2
    watches(lab, kamcli)
    lab.rpc("failover_route.add", "carriers", "\u00e9-gw<script>", "sip:192.0.2.9")
    kamcli("drain", "carriers", "\u00e9-gw<script>")
    assert row(kamcli("list", "carriers"), "\u00e9-gw<script>", "drain")
    kamcli.env["PYTHONIOENCODING"] = "latin-1"  # as where the locale is no UTF-8
    lab.rpc("failover_route.add", "carriers", "\u65e5\u672c", "sip:192.0.2.10")
    assert row(kamcli("list", "carriers"), r"\u65e5\u672c", "ready")
    assert row(kamcli("explain", "carriers"), r"\u65e5\u672c")
    kamcli.env.pop("PYTHONIOENCODING")
    lab.kill()
    assert "no answer from Kamailio" in kamcli.refused("list"), "its socket is still there"
    lab.kamailio.start()
    lab.stop()
    assert "Kamailio is not there" in kamcli.refused("list")
    assert not list(lab.work.glob("reply.sock*")), "a socket is left behind"
