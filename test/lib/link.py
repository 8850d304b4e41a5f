"""A line between two networks, as bad as asked for: loss, delay, jitter, reordering.

    python3 -m lib.link NEAR FAR GATEWAY...    (addresses; each GATEWAY is served by SIPp at the far end)

Runs in the near network and makes the far one for itself; both see a tun device, and every
packet goes through here. Reads lines of JSON from standard input, each a whole new
behaviour: {"out": 0.05, "back": 0.05, "delay_ms": 10, "jitter_ms": 300}.
"""
import fcntl
import heapq
import json
import os
import random
import select
import struct
import subprocess
import sys
import time
from pathlib import Path

from .namespaces import new_network
from .sipp import SCENARIOS, SIPP_ENV

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000
TEST = Path(__file__).parent.parent


def tun(name, address, peers):
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    for command in (["addr", "add", f"{address}/32", "dev", name], ["link", "set", name, "up"],
                    *(["route", "add", peer, "dev", name, "src", address] for peer in peers)):
        subprocess.run(["ip", *command], check=True)
    return fd


class Line:
    def __init__(self, near, far):
        self.ends = {near: ("out", far), far: ("back", near)}
        self.behaviour, self.queue, self.number = {}, [], 0
        self.dice = random.Random(1)

    def take(self, fd):
        try:
            packet = os.read(fd, 65536)
        except OSError:
            return
        way, to = self.ends[fd]
        if self.dice.random() < self.behaviour.get(way, 0):
            return
        late = (self.behaviour.get("delay_ms", 0)
                + self.dice.random() * self.behaviour.get("jitter_ms", 0)) / 1000
        self.number += 1
        heapq.heappush(self.queue, (time.monotonic() + late, self.number, to, packet))

    def give(self):
        while self.queue and self.queue[0][0] <= time.monotonic():
            _, _, to, packet = heapq.heappop(self.queue)
            try:
                os.write(to, packet)
            except OSError:
                pass

    def wait_s(self):
        return max(0, self.queue[0][0] - time.monotonic()) if self.queue else 1


def main():
    near, far, *gateways = sys.argv[1:]
    near_fd = tun("near", near, [far, *gateways])
    new_network()
    far_fd = tun("far", far, [near])
    for address in gateways:
        subprocess.run(["ip", "addr", "add", f"{address}/32", "dev", "lo"], check=True)
        subprocess.Popen(["sipp", "-sf", str(SCENARIOS / "answer.xml"), "-i", address, "-p", "5060", "-nostdin", "-skip_rlimit"],
                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                         env={**os.environ, **SIPP_ENV})
    line, commands = Line(near_fd, far_fd), sys.stdin.fileno()
    print("ready", flush=True)
    while True:
        ready, _, _ = select.select([near_fd, far_fd, commands], [], [], line.wait_s())
        if commands in ready:
            text = sys.stdin.readline()
            if not text:
                return
            line.behaviour = json.loads(text)
            print("done", flush=True)
        for fd in (near_fd, far_fd):
            if fd in ready:
                line.take(fd)
        line.give()


if __name__ == "__main__":
    main()
