"""Real SIPp: a gateway from a file in sipp/, and a load of many calls."""
import csv
import socket
import sys
from pathlib import Path

from .processes import Process
from .waiting import wait_until

SCENARIOS = Path(__file__).parent / "sipp"


class SippGateway:
    """sipp/<scenario>.xml as a UAS; keys fill its [name] keywords."""

    def __init__(self, work, name, host, scenario, port=5060, transport="udp", keys=None):
        self.name, self.host, self.port = name, host, port
        self.folder = Path(work) / f"sipp-{name}"
        self._argv = ["sipp", "-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", host,
                      "-p", str(port), "-t", {"udp": "u1", "tcp": "t1"}[transport], "-nostdin",
                      "-trace_err", "-error_file", "errors.log", "-trace_stat", "-stf", "stat.csv",
                      "-fd", "500ms", "-skip_rlimit"]
        for key, value in (keys or {}).items():
            self._argv += ["-key", key, value]
        self._process = None
        self.open()

    def open(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "stat.csv").unlink(missing_ok=True)
        self._process = Process(self._argv, self.folder, self.folder / "screen.txt", SIPP_ENV)
        wait_until(lambda: self._check() and _bound(self.host, self.port),
                   f"sipp {self.name} listens")

    def _check(self):
        if not self._process.running:
            raise AssertionError(f"sipp {self.name} ended with {self._process.exit_code}: "
                                 + (self.folder / "screen.txt").read_text()[-300:])
        return True

    @property
    def calls(self):
        """How many calls it has taken; known up to half a second late."""
        return int(_last_row(self.folder / "stat.csv").get("TotalCallCreated", 0))

    def close(self):
        if self._process:
            self._process.kill()
            self._process = None


class Load:
    """SIPp as a caller: rate calls a second for some seconds, to a list of users.

    method="MESSAGE" sends texts instead: the cheapest request there is."""

    def __init__(self, folder, host, target, rate, seconds, users, hold=0.1, transport="udp",
                 answer_limit=40.0, port=5060, method="INVITE"):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True)
        self.placed_goal = round(rate * seconds)
        self._seconds = seconds + hold + answer_limit
        (self.folder / "users.csv").write_text(
            "SEQUENTIAL\n" + "".join(f"{u}\n" for u in users))
        scenario = {"INVITE": "caller.xml", "MESSAGE": "texter.xml"}[method]
        text = (SCENARIOS / scenario).read_text()
        (self.folder / "caller.xml").write_text(text.replace("HOLD_MS", str(round(hold * 1000))))
        self._process = Process(
            ["sipp", f"{target[0]}:{target[1]}", "-sf", "caller.xml", "-inf", "users.csv",
             "-i", host, "-p", str(port), "-t", {"udp": "u1", "tcp": "t1"}[transport], "-nostdin",
             "-r", f"{rate}", "-m", str(self.placed_goal), "-l", "3000",
             "-recv_timeout", str(round(answer_limit * 1000)), "-trace_err",
             "-error_file", "errors.log", "-trace_stat", "-stf", "stat.csv", "-fd", "500ms",
             "-trace_rtt", "-rtt_freq", "1", "-skip_rlimit"],
            self.folder, self.folder / "screen.txt", SIPP_ENV)
        wait_until(lambda: self._row() or not self._process.running, "sipp places calls")

    def _row(self):
        return _last_row(self.folder / "stat.csv")

    def _figure(self, column):
        return int(self._row().get(column, 0))

    @property
    def running(self):
        return self._process.running

    @property
    def placed(self):
        return self._figure("TotalCallCreated")

    @property
    def connected(self):
        """Calls that were answered and hung up in order."""
        return self._figure("SuccessfulCall(C)")

    @property
    def failed(self):
        return self._figure("FailedCall(C)")

    @property
    def answer_ms(self):
        """From INVITE to 200 of each answered call, in order of the answers."""
        files = list(self.folder.glob("*_rtt.csv"))
        if not files:
            return []
        rows = files[0].read_text().splitlines()[1:]
        return [float(r.split(";")[1]) for r in rows if r.count(";") >= 2]

    def quantile(self, q):
        times = sorted(self.answer_ms)
        return times[min(len(times) - 1, int(q * len(times)))] if times else None

    @property
    def errors(self):
        path = self.folder / "errors.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def wait(self):
        """Until every call has ended. Returns itself."""
        if self._process.wait(self._seconds + 30) is None:
            self.close()
            raise AssertionError(f"sipp did not end: {self}")
        return self

    def stop(self):
        """No new calls; those in progress end in order. Returns itself."""
        import signal
        self._process.send_signal(signal.SIGUSR1)
        return self.wait()

    def close(self):
        self._process.kill()

    def __repr__(self):
        return f"<load: {self.placed} placed, {self.connected} connected, {self.failed} failed>"


SIPP_ENV = {"TERM": "xterm", "LINES": "24", "COLUMNS": "80"}


def _last_row(path):
    """The last whole row of a SIPp statistics file, as a dictionary."""
    try:
        rows = list(csv.reader(path.read_text().splitlines(), delimiter=";"))
    except FileNotFoundError:
        return {}
    if len(rows) < 2 or len(rows[-1]) < len(rows[0]) - 1:
        rows = rows[:-1]
    return dict(zip(rows[0], rows[-1])) if len(rows) >= 2 else {}


def _bound(host, port):
    """Is the port taken? Looked up, not tried: a bind would take it from SIPp, and a probe
    packet would be a call."""
    v6 = ":" in host
    packed = socket.inet_pton(socket.AF_INET6 if v6 else socket.AF_INET, host)
    words = [packed[n:n + 4] for n in range(0, len(packed), 4)]
    address = "".join(f"{int.from_bytes(w, sys.byteorder):08X}" for w in words)
    for kind in ("udp", "tcp"):
        with open(f"/proc/net/{kind}{'6' if v6 else ''}", encoding="ascii") as table:
            if any(line.split()[1] == f"{address}:{port:04X}" for line in table):
                return True
    return False
