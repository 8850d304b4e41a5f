"""Somebody who listens and takes no connection: who connects waits. `with Full(lab, "gw1"):`"""
import socket

from .addresses import SIP_PORT


class Full:
    def __init__(self, lab, name):
        lab.allow_refused()
        lab.allow_log(r"tcp_do_connect\(\)", r"tcpconn_connect\(\)", r"tcp_send\(\)")
        self._address = lab.slot.gateway(name), SIP_PORT
        self._socks = []

    def __enter__(self):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(self._address)
        listener.listen(0)
        self._socks.append(listener)
        for _ in range(4):
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(self._address)
            self._socks.append(s)
        return self

    def __exit__(self, *_):
        for s in self._socks:
            s.close()
