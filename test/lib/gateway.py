"""A SIP gateway whose behaviour a story changes while it runs.

    gw.answer()  gw.reject(503, {"Retry-After": "30"})  gw.deaf()  gw.blackhole()
    gw.trying()  gw.ringing()  gw.ringing_then(486)  gw.slow(1.5)  gw.limp()
    gw.mode = function(request) -> [(seconds, code, headers), ...]
    gw.ping_code = 200 or None     what pings get, whatever the mode is
    gw.in_dialog_code = 200        what requests inside a call get; BYE always gets 200
    gw.via = ";oc=20" or function(request) -> str   goes behind the topmost Via of replies
    gw.honours_cancel = False      CANCEL gets its 200, the INVITE goes on as planned
    gw.close()  gw.open()          the port itself: refused, and back
    gw.drop()                      its connections are reset; it listens on

A ping is an OPTIONS whose Request-URI has no user; any other request outside
of a dialog is routed traffic and gets what the mode says. Every request is
kept in gw.requests; retransmissions are marked.
"""
import secrets

from . import message
from .sipnet import TcpPort, UdpPort
from .transaction import T1, T2, ClientTransaction, new_branch
from .waiting import wait_until


class Request:
    """One request as it arrived."""

    def __init__(self, msg, channel, retransmission):
        self.msg, self.retransmission = msg, retransmission
        self.time, self.method, self.uri = msg.time, msg.method, msg.uri
        self.user = message.user_of(msg.uri)
        self.call_id, self.cseq, self.branch = msg.call_id, msg.cseq, msg.branch
        self.in_dialog = bool(msg.to_tag)
        self.transport, self.source = channel.transport, channel.peer
        self.channel, self.tag = channel, ""

    def get(self, name):
        return self.msg.get(name)

    @property
    def is_ping(self):
        return self.method == "OPTIONS" and not self.user

    def __repr__(self):
        return f"<{self.method} {self.uri}{' again' if self.retransmission else ''}>"


class _ServerTransaction:
    def __init__(self, gateway, request):
        self.gateway, self.request = gateway, request
        self.last, self.code = None, 0
        self.final = False
        self.acked = self.hung_up = False
        self.pending = []
        self._era = gateway.era
        request.tag = request.msg.to_tag or f"{gateway.name}-{secrets.token_hex(4)}"

    def respond(self, code, headers=None):
        if self.final or self._era != self.gateway.era:
            return
        self.last, self.code = self.gateway.response(self.request, code, headers), code
        self.request.channel.send(self.last)
        if code >= 200:
            self.final = True
            for timer in self.pending:
                timer.cancel()
            if self.request.method == "INVITE" and not self.request.channel.reliable:
                self._again(T1)

    def _again(self, interval, spent=0.0):
        """RFC 3261 section 13.3.1.4: a final response goes on until its ACK."""
        def send():
            if self.acked or spent > 32 or self._era != self.gateway.era:
                return
            self.request.channel.send(self.last)
            self._again(min(2 * interval, T2), spent + interval)
        self.gateway.reactor.later(interval, send)


class Gateway:
    def __init__(self, reactor, name, host, port=5060, transports=("udp", "tcp"), tls=None):
        self.reactor, self.name, self.host, self.port = reactor, name, host, port
        self.transports, self._tls = transports, tls
        self.ping_code = 200
        self.in_dialog_code = 200
        self.honours_cancel = True
        self.via = ""
        self.filter = None  # function(msg, channel) -> False for what is to be lost
        self.era = 0  # counts close(): what was under way then is dropped
        self.requests = []
        self._ports, self._transactions, self._clients = [], {}, {}
        self._invites = {}  # (Call-ID, CSeq) -> INVITE transactions, for their ACK
        self._plan, self._silent = None, False
        self.answer()
        self.open()

    # --- the port -------------------------------------------------------------

    def open(self):
        if not self._ports:
            kinds = {"udp": UdpPort, "tcp": TcpPort}
            self._ports = [kinds[t](self.reactor, self.host, self.port, self._receive)
                           for t in self.transports]
            if self._tls:
                self._ports.append(TcpPort(self.reactor, self.host, self.port + 1,
                                           self._receive, self._tls))

    def close(self):
        """Nothing listens any more: UDP gives ICMP, TCP is refused or reset."""
        self.era += 1
        for port in self._ports:
            port.close()
        self._ports = []

    def drop(self):
        """Its connections are reset, as by a firewall or a restart; it listens on."""
        for port in self._ports:
            if isinstance(port, TcpPort):
                port.drop_connections()

    def close_if_quiet(self):
        """Closes between two calls: what talks here cannot be saved by anyone. Done?"""
        return self.if_quiet(self.close)

    def if_quiet(self, change):
        """Changes between two calls, as by blackhole: a BYE would get no answer. Done?"""
        def body():
            quiet = not self._busy()
            if quiet:
                change()
            return quiet
        return self.reactor.call(body)

    def _busy(self):
        """Is a call between its INVITE and its BYE?"""
        return len({r.call_id for r in self.calls}) > len({r.call_id for r in self.byes})

    # --- behaviours -----------------------------------------------------------

    def _behave(self, plan, silent=False):
        self._plan, self._silent = plan, silent

    @property
    def mode(self):
        return self._plan

    @mode.setter
    def mode(self, mode):
        self._behave(mode) if callable(mode) else getattr(self, mode)()

    def answer(self, code=200, headers=None):
        """180 at once and 200; requests other than INVITE get the 200 only.

        The 200 comes 30 ms later, else two workers of Kamailio may swap the two."""
        self._behave(lambda r: [(0, 180, None), (0.03, code, headers)]
                     if r.method == "INVITE" else [(0, code, headers)])
    ok = answer

    def reject(self, code=503, headers=None, delay=0.0):
        self._behave(lambda r: [(delay, code, headers)])

    def deaf(self):
        """Answers pings, and nothing else."""
        self._behave(lambda r: [])

    def blackhole(self):
        """Takes everything and answers nothing, not even pings."""
        self._behave(lambda r: [], silent=True)

    def trying(self):
        self._behave(lambda r: [(0, 100, None)])

    def ringing(self, code=180):
        self._behave(lambda r: [(0, 100, None), (0, code, None)])

    def ringing_then(self, code, after=0.2, headers=None, ringing=180):
        self._behave(lambda r: [(0, ringing, None), (after, code, headers)])

    def slow(self, delay):
        self._behave(lambda r: [(delay, 180, None), (delay + 0.03, 200, None)])

    def limp(self, code=503):
        """Alive to pings, of no use to calls."""
        self.ping_code = 200
        self.reject(code)

    # --- what arrived ---------------------------------------------------------

    def _distinct(self, test):
        return [r for r in list(self.requests) if not r.retransmission and test(r)]

    @property
    def calls(self):
        """INVITEs that began a call here."""
        return self._distinct(lambda r: r.method == "INVITE" and not r.in_dialog)

    @property
    def options(self):
        """Pings."""
        return self._distinct(lambda r: r.is_ping)

    @property
    def byes(self):
        return self._distinct(lambda r: r.method == "BYE")

    @property
    def hanging(self):
        """Calls that somebody left here: without a final reply, refused without an ACK, or
        answered without ACK and BYE."""
        calls = [tx for group in list(self._invites.values()) for tx in group
                 if not tx.request.in_dialog]
        return [f"{tx.request.user}: {tx.code}{'' if tx.acked else ' without ACK'}"
                for tx in calls if tx.code < 200 or not tx.acked
                or (tx.code < 300 and not tx.hung_up)]

    @property
    def cancels(self):
        return self._distinct(lambda r: r.method == "CANCEL")

    @property
    def acks(self):
        return self._distinct(lambda r: r.method == "ACK")

    def count(self, method):
        """How many requests of a method, pings and retransmissions left out."""
        return len(self._distinct(lambda r: r.method == method and not r.is_ping))

    @property
    def users(self):
        """Who was called here, in order."""
        return [r.user for r in self.calls]

    def clear(self):
        self.requests = []

    def wait_calls(self, count, limit=15):
        wait_until(lambda: len(self.calls) >= count, f"{count} calls at {self.name}", limit)
        return self.calls

    # --- the server side ------------------------------------------------------

    def _receive(self, msg, channel):
        if not msg.is_request:
            client = self._clients.get(msg.branch)
            if client:
                client.receive(msg)
            return
        if self.filter and not self.filter(msg, channel):
            return
        key = (msg.branch, msg.method)
        request = Request(msg, channel, key in self._transactions)
        self.requests.append(request)
        if self._silent:
            self._transactions.setdefault(key, None)
            return
        if request.method == "ACK":
            self._transactions.setdefault(key, None)
            self._stop_final(request)
        elif request.retransmission:
            tx = self._transactions[key]
            if tx and tx.last:
                channel.send(tx.last)
        else:
            self._transactions[key] = tx = _ServerTransaction(self, request)
            if request.method == "INVITE":
                self._invites.setdefault((request.call_id, request.cseq), []).append(tx)
            self._serve(tx, request)

    def _serve(self, tx, request):
        if request.method == "CANCEL":
            invite = self._transactions.get((request.branch, "INVITE"))
            tx.respond(200 if invite else 481)
            if invite and self.honours_cancel:
                invite.respond(487)
        elif request.is_ping:
            if self.ping_code:
                tx.respond(self.ping_code)
        elif request.in_dialog:
            if request.method == "BYE":
                self._hung_up(request)
            tx.respond(200 if request.method == "BYE" else self.in_dialog_code)
        else:
            for delay, code, headers in self._plan(request):
                if delay > 0:
                    tx.pending.append(self.reactor.later(delay, tx.respond, code, headers))
                else:
                    tx.respond(code, headers)

    def _hung_up(self, bye):
        for tx in [tx for group in self._invites.values() for tx in group]:
            if tx.request.call_id == bye.call_id and tx.request.tag == bye.msg.to_tag:
                tx.hung_up = True

    def _stop_final(self, ack):
        for tx in self._invites.get((ack.call_id, ack.cseq), []):
            tx.acked = True

    def response(self, request, code, headers):
        """Via, Record-Route, From, Call-ID and CSeq copied, To with our tag. A Record-Route
        among the headers is a proxy's behind us: it comes first."""
        msg, headers = request.msg, dict(headers or {})
        out = [("Via", v) for n, v in msg.headers if n == "via"]
        more = self.via(request) if callable(self.via) else self.via
        if more and not request.is_ping:
            top, comma, rest = out[0][1].partition(",")
            out[0] = ("Via", top + more + comma + rest)
        if "Record-Route" in headers:
            out.append(("Record-Route", headers.pop("Record-Route")))
        out += [("Record-Route", v) for n, v in msg.headers if n == "record-route"]
        to = msg.get("to")
        if code > 100 and not msg.to_tag:
            to += f";tag={request.tag}"
        out += [("From", msg.get("from")), ("To", to), ("Call-ID", msg.call_id),
                ("CSeq", msg.get("cseq"))]
        body = b""
        if request.method in ("INVITE", "SUBSCRIBE") and 100 < code < 300:
            out.append(("Contact", f"<{self.contact(request)}>"))
        if request.method in ("REGISTER", "SUBSCRIBE") and code == 200:
            out.append(("Expires", msg.get("expires", "600")))
        if request.method == "INVITE" and code in (183, 200):
            out.append(("Content-Type", "application/sdp"))
            body = sdp(self.host)
        out += list(headers.items())
        return message.build(f"SIP/2.0 {code} {message.PHRASES.get(code, 'Other')}", out, body)

    def contact(self, request):
        host = f"[{self.host}]" if ":" in self.host else self.host
        kind, port = request.transport, self.port + (request.transport == "tls")
        suffix = f";transport={kind}" if kind != "udp" else ""
        return f"sip:{self.name}@{host}:{port}{suffix}"

    def respond_later(self, delay, request, code):
        """Answers a request by hand, so many seconds from now."""
        self.reactor.call(self.reactor.later, delay, lambda: request.channel.send(
            self.response(request, code, None)))

    # --- the callee hangs up --------------------------------------------------

    def hangup(self, invite):
        """Sends BYE along the route set of a call answered here; wait() gives its code."""
        return self.reactor.call(self._hangup, invite)

    def _hangup(self, invite):
        msg, branch = invite.msg, new_branch()
        target = message.uri_of(msg.get("contact"))
        routes = msg.all("record-route")
        host, port = message.host_port(message.uri_of(routes[0]) if routes else target)
        via_host = f"[{self.host}]" if ":" in self.host else self.host
        headers = [("Via", f"SIP/2.0/{invite.transport.upper()} {via_host}:{self.port};"
                           f"branch={branch};rport"), ("Max-Forwards", "70")]
        headers += [("Route", r) for r in routes]
        headers += [("From", f"{msg.get('to')};tag={invite.tag}"), ("To", msg.get("from")),
                    ("Call-ID", msg.call_id), ("CSeq", "1 BYE")]
        data = message.build(f"BYE {target} SIP/2.0", headers)
        if invite.channel.reliable:
            send = invite.channel.send
        else:
            port_udp = next(p for p in self._ports if isinstance(p, UdpPort))
            send = lambda d: port_udp.send(d, (host, port))  # noqa: E731
        client = ClientTransaction(self.reactor, send, data, "BYE", invite.channel.reliable)
        self._clients[branch] = client
        client.start()
        return client


def sdp(host):
    kind = "IP6" if ":" in host else "IP4"
    return (f"v=0\r\no=- 1 1 IN {kind} {host}\r\ns=-\r\nc=IN {kind} {host}\r\nt=0 0\r\n"
            "m=audio 40000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n").encode()
