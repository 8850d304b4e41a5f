"""A client transaction: sends, retransmits over UDP, collects responses.

RFC 3261 section 17.1, without the absorbing states: whoever owns it sees
every response, so that a second final one is found.
"""
import secrets

from .waiting import wait_until

T1, T2, TIMEOUT = 0.5, 4.0, 32.0


def new_branch():
    return "z9hG4bK-" + secrets.token_hex(8)


class ClientTransaction:
    """on_response(msg) is called in the reactor's thread, for every response."""

    def __init__(self, reactor, send, data, method, reliable, on_response=None):
        self._reactor, self._send, self._data = reactor, send, data
        self.method, self._reliable, self._on_response = method, reliable, on_response
        self.status = None  # the first final code
        self.provisional = False
        self.timed_out = False
        self._timers = []
        self._interval = T1

    def start(self):
        self._send(self._data)
        if not self._reliable:
            self._timers.append(self._reactor.later(T1, self._again))
        self._timers.append(self._reactor.later(TIMEOUT, self._give_up))

    def _again(self):
        if self.status or (self.provisional and self.method == "INVITE"):
            return
        self._send(self._data)
        self._interval *= 2
        if self.method != "INVITE":
            self._interval = T2 if self.provisional else min(self._interval, T2)
        self._timers.append(self._reactor.later(self._interval, self._again))

    def _give_up(self):
        if not self.status and not (self.provisional and self.method == "INVITE"):
            self.timed_out = True

    def receive(self, msg):
        if msg.code < 200:
            self.provisional = True
        elif self.status is None:
            self.status = msg.code
            self.stop()
        if self._on_response:
            self._on_response(msg)

    def stop(self):
        for timer in self._timers:
            timer.cancel()

    def wait(self, limit=15):
        """The final code."""
        return wait_until(lambda: self.status, f"a final response to {self.method}", limit)
