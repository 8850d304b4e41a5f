"""Kamailio's log: asked by the story, and searched for traps at its end.

Kamailio exits 0 even when a child died with an ordinary exit status, so the
log is the only witness.
"""
import re
from pathlib import Path

from .waiting import wait_until

TRAPS = re.compile(
    r"child process .* exited|BUG:|CRITICAL|core dumped|runtime error:|Sanitizer"
    r"|segfault|ERROR:|parse error|syntax error")
STARTING = re.compile(r"processes \(at least\)")
# TCP main outlives a worker by a moment, or a worker TCP main
PARTING = re.compile(r"receive_fd\(\): EOF|send_all\(\): send on \d+ failed: Broken pipe"
                     r"|receive_fd\(\): recvmsg on \d+ failed: Connection reset"
                     r"|tcpconn_send_put\(\): .*\((32|104)\)|tcp_send failed|send_prepared_request_impl"
                     r"|io_wait_loop_epoll\(\): epoll_wait\(\d+, \w+, 0,")
INTERESTING = re.compile(r"ERROR|WARNING|CRITICAL|BUG|failover_route|child process|Sanitizer")


class LogFile:
    def __init__(self, path):
        self.path = Path(path)
        self._allowed, self._forgiven = [], set()

    @property
    def lines(self):
        if not self.path.exists():
            return []
        return self.path.read_text(errors="replace").splitlines()

    def find(self, regex):
        """The lines that match."""
        pattern = re.compile(regex)
        return [line for line in self.lines if pattern.search(line)]

    def count(self, regex):
        return len(self.find(regex))

    def wait_for(self, regex, limit=15, count=1):
        """The first line that matches, once there are count of them."""
        wait_until(lambda: self.count(regex) >= count, f"{count} x /{regex}/ in kamailio.log",
                   limit)
        return self.find(regex)[0]

    def allow(self, *regexes):
        """Lines that would be traps, but belong to this story."""
        self._allowed += [re.compile(r) for r in regexes]

    def forgive_since(self, count):
        """What was written after the first count lines is nobody's fault: a kill -9."""
        self._forgiven.update(range(count, len(self.lines)))

    def traps(self):
        """What must not be in the log, the gravest first."""
        found, ending = [], False
        for number, line in enumerate(self.lines):
            ending = ending or "Thank you for flying" in line
            if STARTING.search(line):
                ending = False
            if number in self._forgiven or (ending and PARTING.search(line)):
                continue
            if TRAPS.search(line) and not any(a.search(line) for a in self._allowed):
                found.append(line)
        return sorted(found, key=lambda line: not re.search("child process|Sanitizer|BUG", line))

    def tail(self, count=12):
        lines = [line for line in self.lines if INTERESTING.search(line)] or self.lines
        return lines[-count:]
