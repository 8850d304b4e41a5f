"""Who forges the answer to a ping is not believed, even if he knows its branch.

tm finds the transaction by the branch (RFC 3261 section 17.1.3). What counts is known to
him alone who was asked: Call-ID, From tag and CSeq as well, and from where he was asked, or
wherever the set has allowed it. A forgery does not end the ping: the real answer counts.
"""
import re

from lib.sipnet import UdpChannel

LIMIT = 180


def forged(lab):
    return int(re.search(r"frt_forged = (\d+)", lab.kamcmd("stats.get_statistics", "failover_route:"))[1])


def ended(lab, dst):
    """How many probes of it have ended."""
    return int(re.search(r'_probes_total{[^}]*destination="%s"[^}]*} (\d+)' % dst,
                         str(lab.rpc("failover_route.metrics")))[1])


def swap(data, old, new):
    out = re.sub(old, new, data, count=1)
    assert out != data
    return out


def unseen(data):
    """Not the branch; and what Kamailio itself throws away."""
    return [swap(data, rb"branch=z9hG4bK....", b"branch=z9hG4bKffff"),
            swap(data, rb"Call-ID: [^\r]*\r\n", b""), swap(data, rb"From: [^\r]*\r\n", b"")]


def lies(data):
    """The answer with the branch, without what only he can say who was asked; the last ones
    write the branch in other ways that tm takes for the same."""
    tag = re.search(rb"From: [^\r]*;tag=([^;\r]+)", data)[1]
    wrong_id = swap(data, rb"Call-ID: ", b"Call-ID: 0")
    return [
        wrong_id,
        swap(data, rb"Call-ID: [^\r]*", b"Call-ID:"),
        swap(data, rb"(From: [^\r]*;tag=)[^;\r]+", rb"\g<1>" + tag[:-1]),
        swap(data, rb"(From: [^\r]*);tag=[^;\r]+", rb"\1"),
        swap(data, rb"(From: [^\r]*);tag=[^;\r]+", rb'\1;x=";tag=' + tag + b'"'),
        swap(data, rb"CSeq: (\d+)", rb"CSeq: \g<1>0"),
        swap(data, rb"CSeq: (\d+)", rb"CSeq: 0\1"),
        swap(data, rb"CSeq: (\d+) \w+", rb"CSeq: 1\1 CANCEL"),
        swap(wrong_id, rb"branch=(z9hG4bK[^.]+)", rb"branch=\g<1>0000000000"),
        swap(wrong_id, rb"branch=(z9hG4bK[^;\r]+)", rb"branch=\g<1>00000000"),
        swap(wrong_id, rb"branch=(z9hG4bK[^;\r]+)", rb'branch="\1 x"'),
        swap(wrong_id, rb"Via: ([^\r]*)\r\n", rb"Via: \1\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"),
    ]


class Peer:
    """A gateway that is asked, and answers what the story says, from where it says."""

    def __init__(self, lab, gw, set_id):
        self.lab, self.gw, self.set_id = lab, gw, set_id

    def asked(self):
        """One ping, still open."""
        self.gw.clear()
        self.lab.rpc("failover_route.probe", self.set_id, self.gw.name)
        self.lab.wait(lambda: self.gw.requests, "the ping")
        return self.gw.requests[0]

    def send(self, request, data, sender=None):
        channel = request.channel if sender is None else UdpChannel(sender._ports[0], request.channel.peer)
        self.gw.reactor.call(channel.send, data)

    def lie(self, request, code, sender, more=()):
        """All of it, while the ping is open: each one is noticed."""
        good = self.gw.response(request, code, None)
        for data in unseen(good):
            self.send(request, data, sender)
        for data in (*lies(good), *more):
            before = forged(self.lab)
            self.send(request, data, sender)
            self.lab.wait(lambda: forged(self.lab) == before + 1, f"the forgery was seen: {data!r}", limit=8)

    def truth(self, request, code, sender=None):
        before = ended(self.lab, self.gw.name)
        self.send(request, self.gw.response(request, code, None), sender)
        self.lab.wait(lambda: ended(self.lab, self.gw.name) > before, "the answer is heard", limit=5)

    def silence(self):
        """A ping nobody answers."""
        before = ended(self.lab, self.gw.name)
        self.asked()
        self.lab.wait(lambda: ended(self.lab, self.gw.name) > before, "its time is up", limit=30)

    @property
    def health(self):
        return self.lab.health(self.gw.name, self.set_id)

    def is_up(self):
        self.lab.wait_health(self.gw.name, "up", self.set_id)


def ids_are_secrets(peer):
    """What one who was asked before could reckon out from that."""
    asked = []
    for _ in range(3):
        asked.append(peer.asked())
        peer.truth(asked[-1], 200)
    ids = [r.call_id for r in asked] + [re.search(r";tag=(\w+)", r.get("from"))[1] for r in asked]
    assert len({i[:8] for i in ids}) == len(ids) and all(re.fullmatch(r"\w{16}|\w{32}", i) for i in ids), ids


def of_another(lab, peer, liar):
    """Neither dead by what another says, nor alive."""
    seen = len(lab.steps("gw1", "strict"))
    for sender in (liar, None):
        request = peer.asked()
        good = peer.gw.response(request, 503, None)
        peer.lie(request, 503, sender, [good] if sender else [])
        peer.truth(request, 200)
        assert peer.health == "up" and len(lab.steps("gw1", "strict")) == seen
    assert lab.log.wait_for(rf"the answer to a probe of {peer.gw.host} came from {liar.host} and is not believed")

    peer.silence()
    assert peer.health == "down"
    request, before = peer.asked(), ended(lab, "gw1")
    good = peer.gw.response(request, 200, None)
    peer.lie(request, 200, liar, [good, good])
    peer.lie(request, 200, None)
    lab.wait(lambda: ended(lab, "gw1") > before, "the ping's own time is up", limit=30)
    assert peer.health == "down"


def from_another_port(lab, peer):
    peer.truth(peer.asked(), 200, lab.gateway("gw1", port=5999))
    peer.is_up()


def allowed_from_anywhere(peer, liar):
    """A second address of the gateway; the rest has to be right all the same."""
    peer.silence()
    assert peer.health == "down"
    request = peer.asked()
    peer.lie(request, 200, liar)
    assert peer.health == "down"
    peer.truth(request, 200, liar)
    peer.is_up()


def test_call(lab, peer, liar):
    """A forged ringing or answer ends no test call, and gets neither CANCEL, ACK nor BYE."""
    for code in (180, 200, 486):
        request = peer.asked()
        good = peer.gw.response(request, code, None)
        peer.lie(request, code, liar, [good])
        peer.truth(request, 180)
        lab.wait(lambda: peer.gw.count("CANCEL") == 1, "the CANCEL")
        cancel = next(r for r in peer.gw.requests if r.method == "CANCEL")
        peer.send(cancel, peer.gw.response(cancel, 200, None))
        peer.send(request, peer.gw.response(request, 487, None))
        lab.wait(lambda: peer.gw.count("ACK") == 1, "the ACK")
        assert peer.gw.count("BYE") == 0 and peer.health == "up"
    assert not liar.count("ACK") and not liar.count("BYE") and not liar.count("CANCEL")


def story(lab):
    gw1, gw2, gw4, liar = lab.gateways_named("gw1", "gw2", "gw4", "gw5")
    gw4.ringing()
    lab.allow_log(r"WARNING: .*answer to a probe", r"ERROR: .*(pars|hdr|header|cseq|CSeq)")
    lab.start(routes="reply_route {\n\tif (!t_check_trans()) drop;\n}\n")
    peers = [Peer(lab, gw, set_id) for gw, set_id in ((gw1, "strict"), (gw2, "anyone"), (gw4, "calls"))]
    for peer in peers:
        lab.wait(lambda: ended(lab, peer.gw.name) == 1, "the first ping")
        assert peer.health == "up"
        lab.wait(lambda: not peer.gw.hanging, "no test call is left")
        peer.gw.blackhole()
    strict, anyone, calls = peers
    ids_are_secrets(strict)
    of_another(lab, strict, liar)
    from_another_port(lab, strict)
    allowed_from_anywhere(anyone, liar)
    test_call(lab, calls, liar)
    assert len(lab.log.find(r"is not believed")) <= 8  # once a minute from each worker
