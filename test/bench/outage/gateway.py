"""A gateway whose door for new calls may fail while calls it has taken live on.

New calls and pings come to port 5060, what is said inside of a call to a port of
its own that always works: a call that was answered before the fault is then no
loss that routing could have spared, so every lost call in a table is.
"""
import random

from lib.gateway import Gateway
from lib.sipnet import UdpChannel, UdpPort

DIALOG_PORT = 5070


class OutageGateway(Gateway):
    def __init__(self, reactor, name, host):
        self._dialogs = UdpPort(reactor, host, DIALOG_PORT, self._receive_in_dialog)
        super().__init__(reactor, name, host, transports=("udp",))
        self.answered = []  # when it took a call

    def _receive(self, msg, channel):
        # What it sends leaves by the door that always works.
        super()._receive(msg, UdpChannel(self._dialogs, channel.peer))

    def _receive_in_dialog(self, msg, channel):
        silent, self._silent = self._silent, False
        try:
            super()._receive(msg, channel)
        finally:
            self._silent = silent

    def contact(self, request):
        return f"sip:{self.name}@{self.host}:{DIALOG_PORT}"

    def response(self, request, code, headers):
        if code == 200 and request.method == "INVITE":
            self.answered.append(request.time)
        return super().response(request, code, headers)

    def close_door(self):
        """Nothing listens where new calls go: the sender gets an ICMP error."""
        for port in self._ports:
            port.close()
        self._ports = []

    def close(self):
        self.close_door()
        self._dialogs.close()

    # --- behaviours that lib.gateway does not have ----------------------------

    def refuse_share(self, share):
        """503 to a share of the calls: the same ones whoever routes them."""
        def plan(request):
            if random.Random(request.user).random() < share:
                return [(0, 503, None)]
            return [(0, 180, None), (0.03, 200, None)]
        self._behave(plan)

    def limit_rate(self, calls_a_second, burst=3):
        """503 to what comes faster."""
        tokens, last = burst, None

        def plan(request):
            nonlocal tokens, last
            if last is not None:
                tokens = min(burst, tokens + (request.time - last) * calls_a_second)
            last = request.time
            if tokens < 1:
                return [(0, 503, None)]
            tokens -= 1
            return [(0, 180, None), (0.03, 200, None)]
        self._behave(plan)

    def slow_trying(self, delay):
        """100 Trying only after a while, and then the answer."""
        self._behave(lambda r: [(delay, 100, None), (delay, 180, None), (delay + 0.03, 200, None)])

    def lose_share(self, share):
        """So much of what is sent here outside of calls never arrives."""
        dice = random.Random(11)
        self.filter = lambda msg, channel: bool(msg.to_tag) or dice.random() >= share

    def deaf_to(self, prefix):
        """No answer to calls of these users."""
        self._behave(lambda r: [] if r.user.startswith(prefix)
                     else [(0, 180, None), (0.03, 200, None)])
