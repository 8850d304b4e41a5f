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
        done = subprocess.run(["kamcmd", "-s", f"unix:{self.ctl_socket}", *map(str, args)],
                              capture_output=True, text=True, timeout=timeout)
        text = done.stdout + done.stderr
        if text.startswith("error: "):
            code, _, message = text[len("error: "):].partition(" - ")
            raise RpcFault(int(code) if code.strip().isdigit() else -1, message.strip())
        if done.returncode != 0:
            raise RpcFault(-1, text.strip())
        return done.stdout

    def started(self):
        """Does it answer, and may it be ended without hanging?

        Kamailio ends only after 60 s if SIGTERM reaches a child before its first step (it
        takes itself for the main process) or the TCP main process as that reads the
        configuration anew, at its first event (its handler wants the lock it holds)."""
        try:
            processes = self.kamcmd("core.psa", timeout=5)
        except (RpcFault, subprocess.TimeoutExpired):
            return False
        main, *children = re.findall(r"status: (\d+)\s+rank: -?\d+\s+description: (.*)", processes)
        if "attendant" not in main[1] or any(status == "0" for status, _ in children):
            return False
        try:
            self.json("core.uptime", timeout=5)
        except ConnectionRefusedError:
            pass  # a configuration without
        return True
