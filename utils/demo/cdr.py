"""Kamailio's own account of the calls: the acc lines in its log.

    ACC: transaction answered: ...;call_id=1-7@127.0.40.2;code=200;...;frt_path=a:408>b:200;...
"""
import re

_FIELD = re.compile(r"(\w+)=([^;]*)")


class Cdrs:
    def __init__(self, path):
        self._path, self._rest, self._at = path, "", 0
        self.paths = {}     # Call-ID: path, such as us-east-1:408>us-east-2:200
        self.moved = []     # paths of the calls that failed over, as they come

    def read(self):
        with open(self._path, "rb") as f:
            f.seek(self._at)
            new = f.read()
        self._at += len(new)
        *lines, self._rest = (self._rest + new.decode(errors="replace")).split("\n")
        for line in lines:
            if "ACC: " in line:
                self._line(dict(_FIELD.findall(line)))

    def _line(self, fields):
        path = fields.get("frt_path", "")
        if fields.get("method") != "INVITE" or path in ("", "<null>"):
            return
        self.paths[fields.get("call_id", "")] = path
        if ">" in path:
            self.moved.append(path)
