"""The callers: a real SIPp, and what became of each of its calls."""
import re
from dataclasses import dataclass
from pathlib import Path

from lib.processes import Process
from lib.sipp import SIPP_ENV
from lib.waiting import wait_until

SCENARIO = Path(__file__).parent / "caller.xml"
PATIENCE = 45  # seconds until a caller without an answer gives up
_LOST = re.compile(r"Call-Id:? '?(\d+)-(?:.*?received 'SIP/2\.0 (\d{3}))?", re.S)


@dataclass
class Call:
    number: int
    start: float  # seconds of the load
    delay: float = None  # seconds to the ringing; None: lost
    code: str = ""  # how it was lost


class Callers:
    """rate calls a second for some seconds, to different users one after the other."""

    def __init__(self, folder, local, port, target, rate, seconds, users):
        self.folder, self.placed = Path(folder), round(rate * seconds)
        self._seconds = seconds
        self.folder.mkdir(parents=True)
        (self.folder / "users.csv").write_text("SEQUENTIAL\n" + "".join(f"{u}\n" for u in users))
        self._process = Process(
            ["sipp", f"{target}:5060", "-sf", str(SCENARIO), "-inf", "users.csv", "-i", local,
             "-p", str(port), "-t", "u1", "-nostdin", "-r", str(round(rate * 10)), "-rp", "10000",
             "-m", str(self.placed), "-l", "5000", "-recv_timeout", str(PATIENCE * 1000),
             "-trace_err", "-error_file", "errors.log", "-trace_logs", "-log_file", "calls.log",
             "-skip_rlimit"], self.folder, self.folder / "screen.txt", SIPP_ENV)

    def wait_started(self):
        wait_until(lambda: self._steps() or not self._process.running, "sipp places calls",
                   step=0.002)

    def wait(self):
        if self._process.wait(self._seconds + PATIENCE + 40) is None:
            self.close()
            raise AssertionError("sipp did not end")

    def close(self):
        self._process.kill()

    def _steps(self):
        path = self.folder / "calls.log"
        return path.read_text().split() if path.exists() else []

    def calls(self):
        """[Call], in the order they were placed."""
        words = self._steps()
        calls, begins = {}, None
        for what, number, tick in zip(words[::3], words[1::3], words[2::3]):
            number, tick = int(number), int(tick) / 1000
            if what == "start":
                begins = tick if begins is None else begins
                calls[number] = Call(number, tick - begins)
            elif calls[number].delay is None:
                calls[number].delay = tick - begins - calls[number].start
        answered = {int(n) for what, n in zip(words[::3], words[1::3]) if what == "answered"}
        reasons = self._reasons()
        for call in calls.values():
            if call.number not in answered:
                call.delay, call.code = None, reasons.get(call.number, "?")
        return sorted(calls.values(), key=lambda c: c.start)

    def _reasons(self):
        """{call number: final code or "no answer"} of what SIPp gave up."""
        path, found = self.folder / "errors.log", {}
        if not path.exists():
            return found
        for entry in re.split(r"(?=\d{4}-\d\d-\d\d\t)", path.read_text(errors="replace")):
            match = _LOST.search(entry)
            if match:
                found.setdefault(int(match[1]), match[2] or "no answer")
        return found
