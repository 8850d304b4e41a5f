"""The stage: addresses of its own on loopback, a folder of its own in the
temporary folder, three gateways, Kamailio with etc/kamailio-trunk-cdr.cfg, a caller."""
import re
import shutil
import socket
import sys
import tempfile
import time
from pathlib import Path

from processes import Process
from rpc import Rpc, RpcError

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CONFIG = ROOT / "etc/kamailio-trunk-cdr.cfg"
GATEWAYS = {"us-east-1": 11, "us-east-2": 12, "eu-west-1": 13}
USERS = 200
SIPP_ENV = {"TERM": "xterm", "TZ": "UTC"}
BAD_LOG = re.compile(r"CRITICAL|BUG:|child process .* exited")


class Failed(Exception):
    """Something did not start, or ended; log: its last lines."""

    def __init__(self, reason, log=()):
        super().__init__(reason)
        self.log = log


def _free(host, port):
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as s:
            if kind == socket.SOCK_STREAM:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind((host, port))
            except OSError:
                return False
    return True


def _listens(host, port):
    """Has somebody this UDP port? Looked up: to try it would take it from SIPp."""
    address = int.from_bytes(socket.inet_aton(host), sys.byteorder)
    with open("/proc/net/udp") as f:
        return any(line.split()[1] == f"{address:08X}:{port:04X}" for line in f)


def _claim(x):
    """An abstract socket that only one demonstration can have; None: another has it."""
    lock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        lock.bind(f"\0failover_route.demo.{x}")
    except OSError:
        lock.close()
        return None
    return lock


def _pick_net():
    """(127.0.x, port, lock) that nobody uses; the lock keeps others off."""
    for port in (5060, 15060):
        for x in range(40, 250):
            lock = _claim(x)
            hosts = [f"127.0.{x}.{y}" for y in (1, 2, *GATEWAYS.values())]
            if lock and all(_free(h, port) for h in hosts):
                return f"127.0.{x}", port, lock
            if lock:
                lock.close()
    raise Failed("no free address of 127.0.40.0 to 127.0.249.255 with port 5060 or 15060")


class Lab:
    config, users = CONFIG.relative_to(ROOT), USERS

    def __init__(self, module, kamailio, module_folder):
        self._module, self._kamailio = Path(module).resolve(), kamailio
        self._module_folder = module_folder
        # a socket's path has 107 characters at most
        base = tempfile.gettempdir() if len(tempfile.gettempdir()) < 60 else "/tmp"
        self.folder = Path(tempfile.mkdtemp(prefix="failover_route-demo-", dir=base))
        net, self.port, self._lock = _pick_net()
        self.kam, self.caller_host = f"{net}.1", f"{net}.2"
        self.hosts = {name: f"{net}.{y}" for name, y in GATEWAYS.items()}
        self.gateways, self.caller, self.proxy, self.rpc = {}, None, None, None
        self.log = self.folder / "kamailio.log"
        self.trace = self.folder / "caller.log"

    @property
    def names(self):
        """host:port: destination"""
        return {f"{host}:{self.port}": name for name, host in self.hosts.items()}

    @property
    def ctl_socket(self):
        return f"unix:{self.folder}/kamailio_ctl"

    # --- start ----------------------------------------------------------------

    def start(self):
        for program in ("sipp", "kamcmd"):
            if not shutil.which(program):
                raise Failed(f"{program} is not installed")
        table = (HERE / "failover_route.xml").read_text()
        for name, host in self.hosts.items():
            table = table.replace(f"@{name}@", f"{host}:{self.port}")
        (self.folder / "failover_route.xml").write_text(table)
        (self.folder / "users.csv").write_text(
            "SEQUENTIAL\n" + "".join(f"{1000 + n}\n" for n in range(USERS)))
        for name in self.hosts:
            self.start_gateway(name)
        self._start_kamailio()

    def _sipp(self, name, *argv):
        return Process(name, ["sipp", *argv, "-p", str(self.port), "-nostdin", "-skip_rlimit",
                              "-f", "600"],
                       self.folder, self.folder / f"{name}.out", SIPP_ENV)

    def gateway_argv(self, name):
        return ("-sf", str(HERE / "gateway.xml"), "-i", self.hosts[name])

    def start_gateway(self, name):
        self.gateways[name] = process = self._sipp(name, *self.gateway_argv(name))
        self._wait(lambda: _listens(self.hosts[name], self.port), process, "listens")

    def _start_kamailio(self):
        defines = {"FRT_LISTEN": f"udp:{self.kam}:{self.port}",
                   "FRT_LISTEN_TCP": f"tcp:{self.kam}:{self.port}",
                   "FRT_CONFIG": f'"{self.folder}/failover_route.xml"',
                   "FRT_STATE": f'"{self.folder}/state"',
                   "FRT_LOG_STDERR": "yes", "FRT_CHILDREN": "4"}
        argv = [self._kamailio, "-f", str(CONFIG), "-DD", "-E", "-m", "64", "-M", "8",
                "-L", f"{self._module.parent}:{self._module_folder}", "-w", str(self.folder),
                "-Y", str(self.folder), "-P", str(self.folder / "kamailio.pid")]
        for name, value in defines.items():
            argv += ["-A", f"{name}={value}"]
        self.proxy = Process("kamailio", argv, self.folder, self.log)
        self.rpc = Rpc(self.folder / "kamailio_rpc.sock", self.folder / "demo.sock")
        self._wait(self._answers, self.proxy, "answers failover_route.list")

    def _answers(self):
        try:
            return self.rpc.call("failover_route.list", "carriers", timeout=1)
        except RpcError:
            return None

    @staticmethod
    def _wait(condition, process, what, limit=20):
        deadline = time.monotonic() + limit
        while not condition():
            if not process.running:
                raise Failed(f"{process.name} ended at start with exit status "
                             f"{process.exit_code}", process.last_lines())
            if time.monotonic() > deadline:
                raise Failed(f"{process.name}: after {limit} s still not: {what}",
                             process.last_lines())
            time.sleep(0.05)

    def start_caller(self, rate, count=None):
        """With a count: so many calls, traced; without: calls until it is stopped."""
        argv = [f"{self.kam}:{self.port}", "-sf", str(HERE / "caller.xml"), "-inf", "users.csv",
                "-i", self.caller_host, "-r", str(rate), "-l", "3000"]
        if count:
            argv += ["-m", str(count), "-trace_msg", "-message_file", str(self.trace)]
        self.caller = self._sipp("caller", *argv)

    # --- while it runs --------------------------------------------------------

    def check(self, expected_down=()):
        """Everything that should run does; Kamailio's log has nothing alarming."""
        for process in (self.proxy, *(p for n, p in self.gateways.items()
                                      if n not in expected_down)):
            if not process.running:
                raise Failed(f"{process.name} ended with exit status {process.exit_code}",
                             process.last_lines())
        bad = [line for line in self.proxy.last_lines(10 ** 6) if BAD_LOG.search(line)]
        if bad:
            raise Failed("Kamailio logged: " + bad[0], bad[-8:])

    def destinations(self):
        """failover_route.list of the set, by destination."""
        sets = self.rpc.call("failover_route.list", "carriers")["sets"]
        return {d["id"]: d for d in sets[0]["destinations"]}

    def history(self):
        """Transitions, oldest first."""
        return self.rpc.call("failover_route.history", "carriers", 100)["transitions"][::-1]

    # --- the end --------------------------------------------------------------

    def stop(self):
        """Ends what was started. Kamailio's exit status, None if it never ran."""
        if self.rpc:
            self.rpc.close()
        if self.caller:
            self.caller.kill()
        status = self.proxy.stop() if self.proxy else None
        for process in self.gateways.values():
            process.kill()
        return status

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def by_hand(self, name):
        """What brings a gateway back from another terminal."""
        argv = " ".join(self.gateway_argv(name))
        return f"sipp {argv} -p {self.port} -bg -skip_rlimit"

