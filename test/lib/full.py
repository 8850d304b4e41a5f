"""Somebody who listens and takes no connection: who connects waits."""
import socket


class Full:
    def __init__(self, host, port=5060):
        self._sock = socket.socket()
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._sock.bind((host, port))
        self._sock.listen(0)
        self._waiting = []
        for _ in range(4):
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex((host, port))
            self._waiting.append(s)

    def close(self):
        for s in [self._sock, *self._waiting]:
            s.close()
