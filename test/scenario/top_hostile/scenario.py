"""failover-route top believes nothing it is told: texts that would command the terminal,
answers that are none, and servers that never end them.
"""
import json
import socket
import subprocess
import threading

NEEDS_MODULE = False
EVIL = {"id": "gw\x1b]0;owned\x07\x9b2J", "uri": "sip:a\u202eb", "health": "down\r\n",
        "admin": "ready", "reason": "\x1b[2J\x1b[H<script>\u2028 100 % \\u0000 %n%s \ud7ff\x00cut",
        "priority": 1e300, "weight": "many", "calls": -5, "since_ms": True, "attempts": None}


HEAD = "HTTP/1.1 200 OK\r\nContent-Length: {n}\r\n\r\n"


def listing(**more):
    return {"generation": 1, "total": 1,
            "sets": [{"id": "se\tt", "health": "up", "destinations": [{**EVIL, **more}]}]}


def in_http(result, head=HEAD):
    body = json.dumps({"jsonrpc": "2.0", "result": result, "id": 1}).encode()
    return head.format(n=len(body)).encode() + body


class Server:
    """Answers each HTTP request with answer, or what it makes of it; closes if it should."""

    def __init__(self, host):
        self.answer, self.close_after = b"", True
        self.socket = socket.create_server((host, 0))
        self.at = f"http://user:secret@{host}:{self.socket.getsockname()[1]}/RPC"
        self.requests, self.held = [], []
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            peer, _ = self.socket.accept()
            data = b""
            while b"\r\n\r\n" not in data or not data.endswith(b"}"):
                data += peer.recv(65536)
            self.requests.append(data)
            peer.sendall(self.answer(data) if callable(self.answer) else self.answer)
            if self.close_after:
                peer.close()
            else:
                self.held.append(peer)

    def json(self, result, head=HEAD):
        self.answer = in_http(result, head)


def once(program, at, *options, expect=0):
    done = subprocess.run([program, "top", "--once", "-a", at, *options], capture_output=True,
                          timeout=60)
    assert done.returncode == expect, done.stderr
    text = (done.stdout if expect == 0 else done.stderr).decode()
    assert all(c == "\n" or c.isprintable() for c in text), text
    assert "secret" not in text
    return text


def answers_that_are_none(server, program):
    for answer, says in (
            (b"", "closed the connection"), (b"HTTP/1.1 200 OK\r\n\r\n", "no JSON-RPC"),
            (b"SSH-2.0-x\x1b[2J\r\n\r\n", "no JSON-RPC: SSH-2.0-x\\x1b[2J"),
            (b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 3\r\n\r\nno!", "401 Unauthorized"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}", "no JSON-RPC"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", "no JSON-RPC"),
            (b'HTTP/1.1 404 X\r\n\r\n{"error":{"code":404,"message":"no\\u001b[1m set"}}',
             "no\\x1b[1m set"),
            (b'HTTP/1.1 200 OK\r\n\r\n{"result":{"sets":5}}', "is no table"),
            (b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * 300000, "no JSON-RPC")):
        server.answer = answer
        assert says in once(program, server.at, expect=2), answer[:40]


def long_ids(lab, server, program):
    """Ids of resolved names, alike for longer than most: the keys act on the whole of one."""
    ids = ["n" * 63 + "/" + "a" * 119 + end for end in (".one:5060", ".two:5060")]
    answer = listing()
    answer["sets"][0]["destinations"] = [{**EVIL, "id": i, "health": "up"} for i in ids]
    server.json(answer)
    assert ids[1] in once(program, server.at, "--filter", ids[1]), "it is found by its whole id"
    assert ids[0] not in once(program, server.at, "--filter", ids[1])
    done = subprocess.run([program, "top", "--once", "-a", server.at, "--filter", "n" * 193],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and "--filter: at most 192 bytes" in done.stderr, done.stderr
    terminal = lab.terminal(program, "top", "-a", server.at, "-i", "0.2")
    terminal.wait("2 destinations")
    terminal.type("Down")
    asked = len(server.requests)
    lab.wait(lambda: len(server.requests) > asked + 4, "the table is read again")
    terminal.type("d")
    terminal.wait("se\\x09t/nnnn", ": drain? y/n")
    terminal.type("y")
    lab.wait(lambda: any(b"set_admin" in r for r in server.requests), "it was asked for")
    body = next(r for r in server.requests if b"set_admin" in r).partition(b"\r\n\r\n")[2]
    assert json.loads(body)["params"][1:] == [ids[1], "drain"]
    terminal.type("q")
    assert terminal.wait_exit() == 0, "q ends it"


def half_done(lab, server, program):
    """An answer that is none of success is not shown as one; a table that changes too fast is
    no Kamailio that does not answer, and takes no key away."""
    told = {"set": "s", "destination": "d", "admin": "drain", "calls": 1}

    def answer(request):
        method = json.loads(request.partition(b"\r\n\r\n")[2])["method"]
        return in_http(told if "list" not in method else table())

    def table():
        generation[0] += hasty
        return listing(id="d", health="up") | {"generation": generation[0]} | ({"next_offset": 1} if hasty else {})
    generation, hasty = [1], 0
    server.answer = answer
    terminal = lab.terminal(program, "top", "-a", server.at, "-i", "0.2")
    terminal.wait("1 destination")
    red = "\x1b[31m"

    def last(*keys, says):
        terminal.type(*keys)
        terminal.wait(says)
        return next(line for line in terminal.coloured.split("\n") if says in line)
    assert red not in last("d", "y", says="t/d: drain; 1 call in progress")
    told["database"] = "written"
    assert red not in last("m", "y", says="t/d: drain; 1 call in progress")
    told["database"] = "not written; the log says why"
    assert red in last("d", "y", says="in progress; database: not written; the log says why")
    told["probes"] = 1
    assert red not in last("p", says="t/d is probed")
    told["probes"] = 0
    assert red in last("p", says="t/d: nothing was probed")
    hasty = 1
    terminal.wait("Kamailio gives no table, for ", "the table is replaced faster than it can be read")
    told["database"] = "has no such row"
    assert red in last("d", "y", says="in progress; database: has no such row")
    hasty = 0
    terminal.wait("the table is back, after")
    terminal.type("q")
    assert terminal.wait_exit() == 0, "q ends it"


def story(lab):
    program = lab.root / "build/failover-route"
    server = Server(lab.slot.gateway("gw1"))
    server.json(listing())
    text = once(program, server.at)
    assert "gw\\x1b]0;owned\\x07\\u009b2J" in text and "sip:a\\u202eb" in text
    assert "\\x1b[2J\\x1b[H<script>\\u2028 100 %" in text and "cut" not in text and "se\\x09t" in text
    assert len(text.splitlines()) == 2
    assert b"Authorization: Basic dXNlcjpzZWNyZXQ=\r\n" in server.requests[0]

    server.json(listing(), head="HTTP/1.1 200 OK\r\n\r\n")  # ends with the connection
    assert "owned" in once(program, server.at)
    server.answer = server.answer.replace(b"owned", b"own\xff\xc3")
    assert "own??" in once(program, server.at)
    answers_that_are_none(server, program)
    server.close_after, server.answer = False, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"
    assert "no answer within 3 s" in once(program, server.at, expect=2)

    server.json(listing())
    terminal = lab.terminal(program, "top", "-a", server.at, "-i", "0.2")
    terminal.wait("gw\\x1b]0;owned")
    server.answer, server.close_after = b"\x1b[2Jnonsense", True
    terminal.wait("does not answer", "no JSON-RPC: \\x1b[2Jnonsense")
    assert "secret" not in "".join(terminal.screen)
    server.json(listing(health="up"))
    terminal.wait("Kamailio is back")
    terminal.type("q")
    assert terminal.wait_exit() == 0, "q ends it"
    long_ids(lab, server, program)
    half_done(lab, server, program)
