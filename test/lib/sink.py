"""Many UDP ports that answer every request with 200, for probes by the thousand.

Arrival times are the kernel's, so that a busy Python does not blur them.
"""
import socket
import struct

from . import message
from .sipnet import BIG_BUFFER

SO_TIMESTAMPNS = 35


class Sink:
    def __init__(self, reactor, host, first_port, count):
        self._reactor, self.host = reactor, host
        self.arrivals = []  # (seconds, port)
        self._socks = []
        for port in range(first_port, first_port + count):
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BIG_BUFFER // 64)
            sock.bind((host, port))
            sock.setblocking(False)
            self._socks.append(sock)
            reactor.call(reactor.loop.add_reader, sock, self._read, sock, port)

    def _read(self, sock, port):
        try:
            data, extra, _flags, peer = sock.recvmsg(65535, 64)
        except OSError:
            return
        seconds, nanos = struct.unpack("qq", extra[0][2][:16])
        self.arrivals.append((seconds + nanos / 1e9, port))
        msg = message.parse(data)
        keep = [("Via", v) for n, v in msg.headers if n == "via"]
        keep += [("From", msg.get("from")), ("To", msg.get("to") + ";tag=sink"),
                 ("Call-ID", msg.call_id), ("CSeq", msg.get("cseq"))]
        sock.sendto(message.build("SIP/2.0 200 OK", keep), peer)

    def close(self):
        def body():
            for sock in self._socks:
                self._reactor.loop.remove_reader(sock)
                sock.close()
            self._socks = []
        self._reactor.call(body)
