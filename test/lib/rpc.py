"""Talks to Kamailio's RPC: JSON over HTTP (answers of any size) and kamcmd."""
import http.client
import json
import re
import subprocess


class RpcFault(Exception):
    """Kamailio refused: code and message as an operator sees them."""

    def __init__(self, code, message):
        super().__init__(f"{code} {message}")
        self.code, self.message = code, message


class Rpc:
    def __init__(self, host, port, ctl_socket):
        self.host, self.port, self.ctl_socket = host, port, ctl_socket

    def json(self, method, *params, timeout=15):
        """The parsed result; RpcFault for an error."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        try:
            connection.request("POST", "/RPC", json.dumps(
                {"jsonrpc": "2.0", "method": method, "params": params, "id": 1}))
            body = connection.getresponse().read()
        finally:
            connection.close()
        answer = json.loads(body)
        if "error" in answer:
            raise RpcFault(answer["error"]["code"], answer["error"]["message"])
        return answer.get("result")

    def kamcmd(self, *args, timeout=15):
        """What the real kamcmd prints; RpcFault if it reports one."""
        return self._told(self._kamcmd(*args), timeout)

    def _kamcmd(self, *args):
        return subprocess.Popen(["kamcmd", "-s", f"unix:{self.ctl_socket}", *map(str, args)], text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    @staticmethod
    def _told(process, timeout):
        out, err = process.communicate(timeout=timeout)
        text = out + err
        if text.startswith("error: "):
            code, _, message = text[len("error: "):].partition(" - ")
            raise RpcFault(int(code) if code.strip().isdigit() else -1, message.strip())
        if process.returncode != 0:
            raise RpcFault(-1, text.strip())
        return out

    def starting(self):
        """A condition: does it answer, and may it be ended without hanging?

        Kamailio ends only after 60 s if SIGTERM reaches a child before its first step (it
        takes itself for the main process) or the TCP main process as that reads the
        configuration anew, at its first event (its handler wants the lock it holds)."""
        asked = None

        def started():
            nonlocal asked
            asked = asked or self._kamcmd("core.psa")
            try:
                processes = self._told(asked, 0.2)
            except subprocess.TimeoutExpired:
                return False  # not given up: it is answered all the same, with an error in the log then
            except RpcFault:
                asked = None
                return False
            asked = None
            main, *children = re.findall(r"status: (\d+)\s+rank: -?\d+\s+description: (.*)", processes)
            if "attendant" not in main[1] or any(status == "0" for status, _ in children):
                return False
            try:
                self.json("core.uptime", timeout=30)
            except ConnectionRefusedError:
                pass  # a configuration without
            return True
        return started
