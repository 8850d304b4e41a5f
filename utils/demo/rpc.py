"""Kamailio's JSON-RPC over its datagram socket."""
import itertools
import json
import os
import socket
import time


class RpcError(Exception):
    """No answer, or Kamailio's own error."""


class Rpc:
    def __init__(self, server, own):
        self._server, self._own = str(server), str(own)
        self._ids = itertools.count(1)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self._own)

    def call(self, method, *params, timeout=3.0):
        """The result of a command."""
        number = next(self._ids)
        deadline = time.monotonic() + timeout
        request = {"jsonrpc": "2.0", "method": method, "params": params, "id": number}
        try:
            self._socket.sendto(json.dumps(request).encode(), self._server)
            while True:
                self._socket.settimeout(max(0.01, deadline - time.monotonic()))
                answer = json.loads(self._socket.recv(1 << 18))
                if answer.get("id") == number:
                    break
        except (OSError, ValueError) as error:
            raise RpcError(f"{method}: {error}") from None
        if "error" in answer:
            raise RpcError(f"{method}: {answer['error'].get('message', answer['error'])}")
        return answer.get("result")

    def close(self):
        self._socket.close()
        if os.path.exists(self._own):
            os.unlink(self._own)
