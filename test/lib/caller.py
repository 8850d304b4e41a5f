"""A caller that places single calls and sees everything that comes back.

    call = lab.call("100")          call.wait_final()  call.status  call.finals
    call.pdd_ms  call.codes         call.cancel()  call.reinvite()  call.bye()

Final responses other than retransmissions are all kept: two of them for one
request is a fault of the proxy that a real phone would hide.
"""
import secrets
import time

from . import message
from .gateway import sdp
from .sipnet import UdpChannel, UdpPort, connect
from .transaction import ClientTransaction, new_branch
from .waiting import wait_until


class Call:
    """One request outside of a dialog and, for an INVITE, the call it makes."""

    def __init__(self, reactor, target, local_host, user, method="INVITE", transport="udp",
                 headers=None, from_user="alice", auto_ack=True, body=None, uri=None, to=None,
                 contact=None):
        self._reactor, self.target, self.user, self.method = reactor, target, user, method
        self._auto_ack, self._contact = auto_ack, contact
        self._local, self._closers = local_host, []
        self._transactions = {}
        self.responses = []     # (ms since the request, Message), retransmissions left out
        self.requests = []      # what the callee sent in the call
        self.final = None       # the first final response
        self._finals = {}
        self._open(transport)
        host = f"[{target[0]}]" if ":" in target[0] else target[0]
        self.uri = uri or f"sip:{user}@{host}:{target[1]}"
        self.call_id = secrets.token_hex(8)
        self._from = f"<sip:{from_user}@{self._via_host}>;tag={secrets.token_hex(4)}"
        self._to = to or f"<{self.uri}>"
        self._headers = list((headers or {}).items())
        self._cseq, self._branch = 1, new_branch()
        self._body = body if body is not None else (sdp(local_host) if method == "INVITE" else b"")
        self._extra = {"REGISTER": [("Expires", "600")],
                       "SUBSCRIBE": [("Event", "presence"), ("Expires", "600")],
                       "MESSAGE": [("Content-Type", "text/plain")],
                       "INVITE": [("Content-Type", "application/sdp")]}.get(method, [])
        self.started = time.monotonic()
        reactor.call(self._send_first)

    def _open(self, transport):
        self.transport = transport
        if transport == "udp":
            port = UdpPort(self._reactor, self._local, 0, self._receive)
            self._channel = UdpChannel(port, self.target)
            self._port, self._closers = port.port, [port.close]
        else:
            self._channel = connect(self._reactor, self._local, self.target, self._receive,
                                    transport)
            self._port = self._channel.port
            self._closers = [lambda: self._reactor.call(self._channel.close)]
        self._via_host = f"[{self._local}]" if ":" in self._local else self._local

    def vanish(self):
        """Its connection closes, as when a browser's window does."""
        self._reactor.call(self._channel.close)

    def close(self):
        self._reactor.call(lambda: [t.stop() for t in self._transactions.values()])
        for closer in self._closers:
            closer()

    # --- requests -------------------------------------------------------------

    def _request(self, method, uri, cseq, branch, to, routes=(), extra=(), body=b""):
        contact = (self._contact or
                   f"sip:caller@{self._via_host}:{self._port};transport={self.transport}")
        headers = [("Via", f"SIP/2.0/{self.transport.upper()} {self._via_host}:{self._port};"
                           f"branch={branch};rport"),
                   ("Max-Forwards", "70"), ("From", self._from), ("To", to),
                   ("Call-ID", self.call_id), ("CSeq", f"{cseq} {method}")]
        headers += [("Route", r) for r in routes]
        if method not in ("ACK", "BYE", "CANCEL"):
            headers.append(("Contact", f"<{contact}>"))
        return message.build(f"{method} {uri} SIP/2.0", headers + list(extra), body)

    def _start(self, method, data, branch, on_response=None):
        tx = ClientTransaction(self._reactor, self._channel.send, data, method,
                               self._channel.reliable, on_response)
        self._transactions[(branch, method)] = tx
        tx.start()
        return tx

    def _send_first(self):
        body = self._body or (b"hello" if self.method == "MESSAGE" else b"")
        data = self._request(self.method, self.uri, self._cseq, self._branch, self._to,
                             extra=self._extra + self._headers, body=body)
        self._first = self._start(self.method, data, self._branch, self._first_response)

    # --- what comes back ------------------------------------------------------

    def _receive(self, msg, channel):
        if msg.is_request:
            if msg.method != "ACK":
                out = [h for h in ((n.title(), v) for n, v in msg.headers)
                       if h[0] in ("Via", "Record-Route", "From", "To", "Call-Id", "Cseq")]
                channel.send(message.build("SIP/2.0 200 OK", out))
            self.requests.append(msg)
            return
        tx = self._transactions.get((msg.branch, msg.cseq_method))
        if tx:
            tx.receive(msg)

    def _first_response(self, msg):
        if msg.code >= 200:
            kind = (msg.code, msg.to_tag)
            if kind in self._finals:
                if self._auto_ack or msg.code >= 300:
                    self._ack(msg)
                return
            self._finals[kind] = msg
            self.final = self.final or msg
        self.responses.append((round((msg.time - self.started) * 1000), msg))
        if msg.code >= 200 and self.method == "INVITE" and (self._auto_ack or msg.code >= 300):
            self._ack(msg)

    def _routes(self, msg):
        return list(reversed(msg.all("record-route")))

    def _ack(self, msg, routes=None):
        """RFC 3261 17.1.1.3 for a refusal, 13.2.2.4 for an answer."""
        if msg.code >= 300:
            data = self._request("ACK", self.uri, msg.cseq, self._branch, msg.get("to"))
        else:
            data = self._request("ACK", message.uri_of(msg.get("contact")), msg.cseq,
                                 new_branch(), msg.get("to"),
                                 self._routes(msg) if routes is None else routes)
        self._channel.send(data)

    # --- for the story --------------------------------------------------------

    @property
    def status(self):
        """The final code, None while there is none."""
        return self.final.code if self.final else None

    @property
    def finals(self):
        return [m.code for m in list(self._finals.values())]

    @property
    def codes(self):
        """All codes in order, 100 left out."""
        return [m.code for _, m in list(self.responses) if m.code > 100]

    @property
    def pdd_ms(self):
        """From the request to the first response that is not a 100."""
        return next((ms for ms, m in list(self.responses) if m.code > 100), None)

    @property
    def final_ms(self):
        return next((ms for ms, m in list(self.responses) if m.code >= 200), None)

    def wait_final(self, limit=20):
        wait_until(lambda: self.status, f"a final response to {self.method} {self.user}", limit)
        return self.status

    def wait_code(self, code, limit=15):
        wait_until(lambda: code in [m.code for _, m in list(self.responses)],
                   f"a {code} to {self.method} {self.user}", limit)

    def ack(self):
        """Only needed with auto_ack=False."""
        self._reactor.call(self._ack, self.final)

    def in_dialog(self, method, extra=(), body=b"", uri=None, routes=None, of=None):
        """A request inside the call, along its route set. Its transaction. of: the response
        that the dialog began with, such as a 183."""
        self._cseq += 1
        branch, msg = new_branch(), of or self.final
        routes = self._routes(msg) if routes is None else routes
        data = self._request(method, uri or message.uri_of(msg.get("contact")), self._cseq, branch,
                             msg.get("to"), routes, extra, body)
        on_response = None
        if method == "INVITE":
            on_response = lambda m: m.code >= 200 and self._ack_again(m, routes)  # noqa: E731
        return self._reactor.call(self._start, method, data, branch, on_response)

    def _ack_again(self, msg, routes):
        if msg.code < 300:
            self._ack(msg, routes)
        else:
            self._channel.send(self._request("ACK", self.uri, msg.cseq, msg.branch, msg.get("to")))

    def bye(self, limit=15):
        return self.in_dialog("BYE").wait(limit)

    def reinvite(self, limit=15):
        return self.in_dialog("INVITE", [("Content-Type", "application/sdp")],
                              sdp(self._local)).wait(limit)

    def cancel(self, limit=15, wait=True):
        """Waits for a provisional response, as a caller must, then cancels. The CANCEL's code;
        with wait=False its transaction."""
        wait_until(lambda: self._first.provisional, "a provisional response before CANCEL", limit)
        data = self._request("CANCEL", self.uri, self._cseq, self._branch, self._to)
        tx = self._reactor.call(self._start, "CANCEL", data, self._branch)
        return tx.wait(limit) if wait else tx
