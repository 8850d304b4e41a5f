"""Loopback addresses of one running scenario, so that several can run at once.

Each takes a slot N: its Kamailio is 127.10.N.1, its callers 127.10.N.2 and .3,
its gateways 127.10.N.11 and up, all on the standard SIP port. On ::1, where
there is only one address, the slot owns a hundred ports instead.
"""
import socket

SIP_PORT = 5060
RPC_PORT = 8080
SLOTS = range(1, 200)


class Slot:
    """A slot is held as long as this object lives: an abstract socket is the lock."""

    def __init__(self):
        self._ports6 = {}
        for number in SLOTS:
            lock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            try:
                lock.bind(f"\0failover_route.scenario.{number}")
            except OSError:
                lock.close()
                continue
            self.number, self._lock = number, lock
            if self._is_free():
                return
            lock.close()
        raise RuntimeError("no loopback slot is free: does something hold port "
                           f"{SIP_PORT} of every address?")

    def _is_free(self):
        """Nor is there anything left of a run that was killed."""
        for kind, host in ((socket.SOCK_DGRAM, self.kam), (socket.SOCK_STREAM, self.kam),
                           (socket.SOCK_DGRAM, self.load)):
            with socket.socket(socket.AF_INET, kind) as probe:
                if kind == socket.SOCK_STREAM:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((host, SIP_PORT))
                except OSError:
                    return False
        return True

    def host(self, last):
        return f"127.10.{self.number}.{last}"

    @property
    def kam(self):
        return self.host(1)

    @property
    def caller(self):
        return self.host(2)

    @property
    def load(self):
        return self.host(3)

    @property
    def dns(self):
        return self.host(9)

    def gateway(self, name):
        """gw1 is .11, gw2 is .12 ..."""
        return self.host(10 + int(name.lstrip("gw")))

    def port6(self, name):
        """The port of this name on ::1."""
        if name not in self._ports6:
            self._ports6[name] = 10000 + 100 * self.number + len(self._ports6)
        return self._ports6[name]

    def variables(self):
        """What templates may say: ${kam}, ${gw1} ... and, on ::1, ${kam6}, ${gw1_6} ..."""
        out = {"kam": self.kam, "caller": self.caller, "load": self.load,
               "rpc_port": str(RPC_PORT), "kam6": f"[::1]:{self.port6('kam')}"}
        for i in range(1, 15):
            out[f"gw{i}"] = self.gateway(f"gw{i}")
            out[f"gw{i}_6"] = f"[::1]:{self.port6(f'gw{i}')}"
        return out


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
            s.bind(("::1", 0))
        return True
    except OSError:
        return False
