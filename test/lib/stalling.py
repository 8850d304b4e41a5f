"""A disk that stalls on demand, as one behind a network does: who asks it for anything waits.

A file system of one folder, in memory, spoken to over /dev/fuse; mounted for this story and what
it starts only. Run as a process of its own, since who waits for it cannot serve it:

    python3 -m lib.stalling FOLDER          reads "stall" and "go on" from standard input
"""
import ctypes
import errno
import os
import stat
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

from .namespaces import new_mounts

LOOKUP, FORGET, GETATTR, SETATTR, UNLINK, RENAME, OPEN, READ, WRITE, STATFS, RELEASE = (
    1, 2, 3, 4, 10, 12, 14, 15, 16, 17, 18)
FSYNC, FLUSH, INIT, OPENDIR, READDIR, RELEASEDIR, FSYNCDIR, CREATE, INTERRUPT, DESTROY = (
    20, 25, 26, 27, 28, 29, 30, 35, 36, 38)
BATCH_FORGET, RENAME2 = 42, 45
ROOT, DIRECT_IO = 1, 1


class StallingDisk:
    """What a story has of it."""

    def __init__(self, path):
        self.path = path
        path.mkdir()
        new_mounts()
        self._server = subprocess.Popen(
            [sys.executable, "-B", "-m", "lib.stalling", str(path)], cwd=Path(__file__).parent.parent,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._server.stdout.readline() == "ready\n"

    def _tell(self, word):
        self._server.stdin.write(word + "\n")
        self._server.stdin.flush()
        return self._server.stdout.readline().strip()

    def stall(self):
        self._tell("stall")

    def go_on(self):
        self._tell("go on")

    def waiting(self):
        """How many requests wait."""
        return int(self._tell("waiting"))


class Server:
    def __init__(self, folder):
        self.fd = os.open("/dev/fuse", os.O_RDWR)
        if ctypes.CDLL(None, use_errno=True).mount(
                b"stalling", folder.encode(), b"fuse", 0,
                b"fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other" % self.fd):
            raise OSError(ctypes.get_errno(), "mount")
        self.names, self.files, self.next = {}, {}, 2  # name: number; number: [content, seconds]
        self.stalled, self.waiting = False, []

    def serve(self):
        while True:
            request = os.read(self.fd, 1 << 20)
            if self.stalled and struct.unpack_from("I", request, 4)[0] not in (FORGET, BATCH_FORGET, INTERRUPT):
                self.waiting.append(request)
            else:
                self.answer(request)

    def go_on(self):
        self.stalled, waiting, self.waiting = False, self.waiting, []
        for request in waiting:
            self.answer(request)

    def answer(self, request):
        _, opcode, unique, node = struct.unpack_from("IIQQ", request)
        if opcode in (FORGET, BATCH_FORGET, INTERRUPT):
            return
        try:
            out, error = self.do(opcode, node, request[40:]), 0
        except OSError as e:
            out, error = b"", e.errno
        try:
            os.write(self.fd, struct.pack("IiQ", 16 + len(out), -error, unique) + out)
        except OSError:
            pass  # who asked has gone

    def attr(self, node):
        if node == ROOT:
            size, mode, at = 0, stat.S_IFDIR | 0o755, 0
        else:
            if node not in self.files:
                raise OSError(errno.ESTALE, "")
            content, at = self.files[node]
            size, mode = len(content), stat.S_IFREG | 0o644
        return struct.pack("6Q10I", node, size, 0, int(at), int(at), int(at), 0, 0, 0, mode, 1, 0, 0, 0,
                           4096, 0)

    def entry(self, node):
        return struct.pack("4Q2I", node, 0, 0, 0, 0, 0) + self.attr(node)

    def do(self, opcode, node, body):
        if opcode == INIT:
            return struct.pack("4I2H2I2H8I", 7, 31, 65536, 0, 0, 0, 65536, 1, 0, 0, *[0] * 8)[:64]
        if opcode == LOOKUP:
            return self.entry(self.find(body))
        if opcode in (GETATTR, SETATTR):
            if opcode == SETATTR and struct.unpack_from("I", body)[0] & 8:
                size = struct.unpack_from("Q", body, 16)[0]
                self.files[node][0] = self.files[node][0][:size].ljust(size, b"\0")
            return struct.pack("Q2I", 0, 0, 0) + self.attr(node)
        if opcode in (OPEN, OPENDIR):
            return struct.pack("Q2I", 0, DIRECT_IO if opcode == OPEN else 0, 0)
        if opcode == CREATE:
            name = body[16:].rstrip(b"\0")
            number, self.next = self.next, self.next + 1
            self.names[name], self.files[number] = number, [b"", time.time()]
            return self.entry(number) + struct.pack("Q2I", 0, DIRECT_IO, 0)
        if opcode == READ:
            _, at, size = struct.unpack_from("2QI", body)
            return self.files[node][0][at:at + size]
        if opcode == WRITE:
            _, at, size = struct.unpack_from("2QI", body)
            old = self.files[node][0].ljust(at, b"\0")
            self.files[node] = [old[:at] + body[40:40 + size] + old[at + size:], time.time()]
            return struct.pack("2I", size, 0)
        if opcode == UNLINK:
            self.find(body)
            del self.names[body.rstrip(b"\0")]
            return b""
        if opcode in (RENAME, RENAME2):
            old, new = body[8 if opcode == RENAME else 16:].rstrip(b"\0").split(b"\0")
            self.names[new] = self.names.pop(old)
            return b""
        if opcode == STATFS:
            return bytes(80)
        if opcode in (FSYNC, FSYNCDIR, FLUSH, RELEASE, RELEASEDIR, READDIR, DESTROY):
            return b""
        raise OSError(errno.ENOSYS, "")

    def find(self, name):
        name = name.rstrip(b"\0")
        if name not in self.names:
            raise OSError(errno.ENOENT, "")
        return self.names[name]


def main():
    server = Server(sys.argv[1])
    threading.Thread(target=server.serve, daemon=True).start()
    print("ready", flush=True)
    for line in sys.stdin:
        if line == "stall\n":
            server.stalled = True
        elif line == "go on\n":
            server.go_on()
        print(len(server.waiting), flush=True)


if __name__ == "__main__":
    main()
