"""DNS servers for scenarios: a real dnsmasq, and one that misbehaves on demand.

Both listen on port 53 of an address of the scenario's slot. Kamailio reads its
own /etc/resolv.conf, mounted over the machine's for it alone (kamailio.py).
Records: {("gw.test", "A"): [(ttl, "192.0.2.1")], ("_sip._udp.test", "SRV"):
[(ttl, priority, weight, port, "target")], ... "NAPTR": [(ttl, order,
preference, flags, service, regexp, replacement)], "CNAME": [(ttl, "name")]}.
"""
import random
import socket
import struct
import subprocess
import threading
import time

from .processes import Process
from .waiting import wait_until

TYPES = {"A": 1, "CNAME": 5, "AAAA": 28, "SRV": 33, "NAPTR": 35}
NAMES = {v: k for k, v in TYPES.items()}
NXDOMAIN, SERVFAIL, REFUSED = 3, 2, 5


def can_mount():
    return subprocess.run(["unshare", "-m", "--propagation", "private", "true"],
                          capture_output=True).returncode == 0


class Dnsmasq:
    """The real server. set() takes other records: it starts anew with them."""

    def __init__(self, work, address, records, ttl):
        self.work, self.address, self.ttl = work / "dnsmasq", address, ttl
        self.work.mkdir(exist_ok=True)
        self._process = None
        self.set(records)

    def _lines(self, records):
        yield from ("port=53", f"listen-address={self.address}", "bind-interfaces", "no-resolv",
                    "no-hosts", "local=/test/", f"local-ttl={self.ttl}", "user=root",
                    "log-queries", "log-facility=-", "cache-size=0")
        for (name, kind), rows in records.items():
            for row in rows:
                if kind in ("A", "AAAA"):
                    yield f"host-record={name},{row[1]}"
                elif kind == "CNAME":
                    yield f"cname={name},{row[1]}"
                elif kind == "SRV":
                    _, priority, weight, port, target = row
                    yield (f"srv-host={name}" if target == "." else
                           f"srv-host={name},{target},{port},{priority},{weight}")
                else:
                    _, order, preference, flags, service, regexp, to = row
                    yield f"naptr-record={name},{order},{preference},{flags},{service},{regexp},{to}"

    def set(self, records):
        self.close()
        (self.work / "conf").write_text("\n".join(self._lines(records)) + "\n")
        self._process = Process(["dnsmasq", "-k", "-C", str(self.work / "conf")], self.work,
                                self.work / "log", append=True)
        wait_until(lambda: asked(self.address, "up.test") is not None, "dnsmasq answers")

    def queries(self, kind, name):
        """How often it was asked that."""
        return (self.work / "log").read_text().count(f"query[{kind}] {name} ")

    def close(self):
        if self._process:
            self._process.kill()
            self._process = None


def asked(address, name, kind="A"):
    """The code a server answers, None if it is silent."""
    query = struct.pack("!6H", 1, 0x0100, 1, 0, 0, 0) + _name(name) + struct.pack("!2H", TYPES[kind], 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(0.5)
        try:
            s.connect((address, 53))
            s.send(query)
            return s.recv(4096)[3] & 15
        except OSError:
            return None


def _name(text):
    out = b""
    for label in text.rstrip(".").split("."):
        if label:
            out += bytes([len(label)]) + label.encode("latin-1")
    return out + b"\0"


def _text(value):
    return bytes([len(value)]) + value.encode("latin-1")


def _rdata(kind, row):
    if kind == "A":
        return socket.inet_aton(row[1])
    if kind == "AAAA":
        return socket.inet_pton(socket.AF_INET6, row[1])
    if kind == "CNAME":
        return _name(row[1])
    if kind == "SRV":
        return struct.pack("!3H", *row[1:4]) + _name(row[4])
    return struct.pack("!2H", *row[1:3]) + b"".join(map(_text, row[3:6])) + _name(row[6])


class HostileDns:
    """A server in a thread, whose answers a story changes while it runs.

    records as above; rcode: answers every question with this code; delay: waits
    so many seconds before each answer; silent: gives none, or none for names with this
    end; owner: says that all records are this name's; cut: leaves out so many of the
    last bytes; shuffle: another order each time; truncated: says over UDP that there
    is more, which is had over TCP, or with "nowhere" not there either."""

    def __init__(self, address, records=()):
        self.records = dict(records)
        self.behave()
        self.asked = []  # (time, kind, name)
        self._open = True
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 53))
        self._socket.settimeout(0.2)
        self._tcp = socket.create_server((address, 53))
        self.over_tcp = 0  # so many questions
        threading.Thread(target=self._serve, daemon=True).start()
        threading.Thread(target=self._serve_tcp, daemon=True).start()

    def behave(self, rcode=0, delay=0.0, silent=False, owner=None, cut=0, shuffle=False, truncated=False):
        self.rcode, self.delay, self.silent, self.owner, self.cut = rcode, delay, silent, owner, cut
        self.shuffle, self.truncated = shuffle, truncated

    def queries(self, kind, name):
        return sum(1 for _, k, n in list(self.asked) if (k, n) == (kind, name))

    def _serve(self):
        while self._open:
            try:
                query, peer = self._socket.recvfrom(4096)
            except OSError:
                continue
            threading.Thread(target=self._answer, args=(query, peer), daemon=True).start()

    def _serve_tcp(self):
        while self._open:
            try:
                with self._tcp.accept()[0] as peer:
                    peer.settimeout(2)
                    query = peer.recv(4096)
                    if self.truncated != "nowhere" and (answer := self._answer_of(query[2:])):
                        self.over_tcp += 1
                        peer.sendall(struct.pack("!H", len(answer)) + answer)
            except OSError:
                pass

    def _answer(self, query, peer):
        answer = self._answer_of(query)
        if answer is None:
            return
        if self.truncated:
            answer = answer[:2] + struct.pack("!5H", 0x8780, 1, 0, 0, 0) + query[12:]
        if self.delay:
            time.sleep(self.delay)
        try:
            self._socket.sendto(answer, peer)
        except OSError:
            pass

    def _answer_of(self, query):
        """The whole answer; None: none at all."""
        at, labels = 12, []
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode("latin-1"))
            at += 1 + query[at]
        name = ".".join(labels).lower()
        kind = NAMES.get(struct.unpack_from("!H", query, at + 1)[0], "?")
        self.asked.append((time.monotonic(), kind, name))
        if self.silent is True or self.silent and name.endswith(self.silent):
            return None
        return self._make(query[:2], query[12:at + 5], name, kind)

    def _make(self, ident, question, name, kind):
        rows, exists = [], any(n == name for n, _ in self.records)
        while (name, "CNAME") in self.records and len(rows) < 30:
            row = self.records[name, "CNAME"][0]
            rows.append((name, "CNAME", row))
            name = row[1]
        rows += [(name, kind, row) for row in self.records.get((name, kind), ())]
        if self.shuffle:
            random.shuffle(rows)
        rcode = self.rcode or (0 if exists else NXDOMAIN)
        if rcode:
            rows = []
        out = ident + struct.pack("!5H", 0x8580 | rcode, 1, len(rows), 0, 0) + question
        for owner, rtype, row in rows:
            data = _rdata(rtype, row)
            out += _name(self.owner or owner)
            out += struct.pack("!2HIH", TYPES[rtype], 1, row[0], len(data)) + data
        return out[:len(out) - self.cut] if rows else out

    def close(self):
        if not self._open:
            return
        self._open = False
        self._socket.close()
        self._tcp.shutdown(socket.SHUT_RDWR)  # it is waited for: else it would stay
        self._tcp.close()
