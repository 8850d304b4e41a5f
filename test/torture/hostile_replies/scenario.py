"""What a gateway may send that is absurd, out of order, twice, or not its own.

Each caller gets one end, Kamailio lives, and no destination is marked for what it did not
do: a reply to a branch that is none of ours, from whomever, changes nothing.
"""
import re

from lib.sipnet import UdpChannel

LIMIT = 180
RELAY = '''$var(set) = "carriers";
	if ($rU =~ "^8") $var(set) = "stream";
	if (!frt_relay("$var(set)")) send_reply("500", "No destination");'''

# else the core forwards what belongs to no transaction, as RFC 3261 section 16.7 has it
NO_STRAYS = "reply_route {\n\tif (!t_check_trans()) drop;\n}\n"

ABSURD = [{"Retry-After": v} for v in (
    "99999999999", "4294967296", "18446744073709551617", "-1", "1e9", "", "x", "5;duration=99999999999999",
    "120 (" + "(" * 500 + "I'm away)", "3" + "0" * 3000)] + [
    {"Reason": v} for v in ("Q.850;cause=99999999999", "Q.850;cause=-34", "Q.850;cause=", ";;;;", "Q.850;cause=34;text=\"",
                            "SIP;cause=200;text=\"x\x01y\"", "Q.850" + ";x=y" * 700)] + [
    {"Warning": "w" * 20000}, {"X-" + "n" * 3000: "v"}, {"Content-Length": "99999"}, {"Content-Length": "-1"}]
VIA = (";oc=99999999999999999999", ";oc=-1;oc-algo=\"loss\";oc-validity=500;oc-seq=1", ";oc=NaN;oc-seq=\x02",
       ";oc=100;oc-algo=\"rate,loss" + "x" * 500, ";oc=;oc-validity=;oc-seq=;", ";oc=50;oc-seq=99999999999999999.9999999")


def swap(data, old, new):
    out = re.sub(old, new, data, count=1, flags=re.S)
    assert out != data
    return out


def send(gw, request, data):
    """As it is, from the gateway's own port."""
    gw.reactor.call(request.channel.send, data)


class Peer:
    """gw1, which does nothing by itself: every reply is the story's."""

    def __init__(self, lab, gw, other):
        self.lab, self.gw, self.other = lab, gw, other
        gw.deaf()

    def call(self, user="100", **options):
        seen = len(self.gw.calls)
        call = self.lab.call(user, **options)
        self.gw.wait_calls(seen + 1)
        return call, self.gw.calls[-1]

    def reply(self, request, code, headers=None):
        return self.gw.response(request, code, headers)

    def good(self, set_id, user):
        self.lab.rpc("failover_route.set_health", set_id, "gw1", "up")
        self.lab.place(user)
        return self.lab.health("gw1", set_id) == "up"

    def rest(self):
        """All well again, seen by a call."""
        self.gw.answer()
        for set_id, user in (("carriers", "110"), ("stream", "810")):
            self.lab.wait(lambda: self.good(set_id, user), f"{set_id}/gw1 is up", limit=30, step=0.3)
        self.gw.deaf()
        self.gw.clear()
        self.other.clear()


def ended(call, *codes):
    assert call.wait_final() in codes and len(call.finals) == 1, call.codes
    if call.status == 200:
        assert call.bye() == 200
    call.close()


def absurd_headers(lab, peer):
    for headers in ABSURD:
        for user in ("100", "800"):
            peer.gw.reject(503, headers)
            ended(lab.call(user), 200)
            told = lab.dst("gw1")
            assert told["hold_ms"] <= 3600_000, (headers, told)
        peer.rest()
    for via in VIA:
        peer.gw.via = via
        peer.gw.answer()
        ended(lab.call("100"), 200)
        peer.gw.reject(503)
        ended(lab.call("100"), 200)
        peer.gw.via = ""
        peer.rest()
    peer.gw.deaf()


def not_its_branch(lab, peer):
    """Replies to branches, CSeqs and calls that are not: as if nothing had come."""
    call, request = peer.call("101")
    good = peer.reply(request, 503)
    before = lab.dst("gw1")
    send(peer.gw, request, swap(good, rb"branch=z9hG4bK[^;\r]*", b"branch=z9hG4bKnobody"))
    send(peer.gw, request, swap(good, rb"(branch=z9hG4bK[^;\r]*)\d", rb"\g<1>31"))
    send(peer.gw, request, swap(good, rb"(branch=z9hG4bK[^;\r]*)\d", rb"\g<1>99999999"))
    send(peer.gw, request, swap(good, rb";branch=z9hG4bK[^;\r]*", b""))
    send(peer.gw, request, swap(good, rb"CSeq: \d+ INVITE", b"CSeq: 7 OPTIONS"))
    send(peer.gw, request, swap(good, rb"Via: [^\r]*\r\n", b""))
    send(peer.gw, request, good[:60])
    send(peer.gw, request, b"SIP/2.0 503 \r\n\r\n")
    send(peer.gw, request, b"SIP/2.0 99999 x\r\n" + good.split(b"\r\n", 1)[1])
    send(peer.gw, request, b"\0" * 400)
    # gw2 knows the branch and speaks for gw1 with a wrong hash
    forged = swap(good, rb"branch=z9hG4bK....", b"branch=z9hG4bKffff")
    send(peer.other, _Via(peer.other, request), forged)
    ended(call, 200)  # by try-timeout, from gw2
    after = lab.dst("gw1")
    assert (after["timeouts"], after["failed"]) == (before["timeouts"] + 1, before["failed"] + 1)
    peer.rest()


class _Via:
    """The way back to Kamailio from another gateway's port."""

    def __init__(self, gw, request):
        self.channel = UdpChannel(gw._ports[0], request.channel.peer)


def disorder(lab, peer):
    """Twice, backwards, after CANCEL, after failover."""
    call, request = peer.call("102")
    ok, ringing, busy = (peer.reply(request, c) for c in (200, 180, 486))
    for data in (ok, ringing, ok, busy, ok):
        send(peer.gw, request, data)
    assert call.wait_final() == 200
    assert call.bye() == 200
    peer.rest()

    call, request = peer.call("103")
    for data in (peer.reply(request, 486), peer.reply(request, 180), peer.reply(request, 503)):
        send(peer.gw, request, data)
    ended(call, 486)
    assert lab.health("gw1") == "up" and lab.steps("gw1")[-1][1] == "up"
    peer.rest()

    call, request = peer.call("104")
    send(peer.gw, request, peer.reply(request, 180))
    call.wait_code(180)
    call.cancel()
    send(peer.gw, request, peer.reply(request, 503, {"Retry-After": "3600"}))
    ended(call, 487, 503)
    assert lab.health("gw1") == "up"
    peer.rest()

    call, request = peer.call("105")
    assert call.wait_final() == 200  # gw2
    send(peer.gw, request, peer.reply(request, 200))
    lab.wait(lambda: peer.gw.count("BYE") == 1, "the late 2xx is ended")
    assert call.bye() == 200 and len(call.finals) == 1
    peer.rest()


def redirects(lab, peer):
    for code in (300, 301, 302, 305, 380):
        call, request = peer.call("106")
        send(peer.gw, request, peer.reply(request, code, {"Contact": f"<sip:106@{peer.gw.host}>"}))
        ended(call, code)
    assert lab.dst("gw1")["failed"] == 0 or lab.health("gw1") == "up"
    peer.rest()


def torture_replies(lab, peer):
    """In the manner of RFC 4475: what a parser must live with, and what it must not believe."""
    call, request = peer.call("107")
    good = peer.reply(request, 180)
    for data in (swap(good, rb"SIP/2.0 180 [^\r]*", b"SIP/2.0 180 "),
                 swap(good, rb"SIP/2.0 180 [^\r]*", b"SIP/2.0 180 =C3=A9 \xc3\xa9 \xff"),
                 swap(good, rb"SIP/2.0 180 [^\r]*", b"SIP/2.0 4294967301 Better not break"),
                 swap(good, rb"SIP/2.0", b"SIP/7.0"),
                 swap(good, rb"CSeq: ", b"CSEQ  :\r\n  "),
                 swap(good, rb"CSeq: (\d+)", b"CSeq: 36893488147419103232"),
                 swap(good, rb"To: ", b"To: \"" + b"\\\"" * 400),
                 swap(good, rb"Via: ", b"v:  "),
                 swap(good, rb"\r\n\r\n", b"\r\nContent-Length: 9999\r\n\r\n"),
                 good.replace(b"\r\n", b"\n")):
        send(peer.gw, request, data)
    send(peer.gw, request, peer.reply(request, 200))
    assert call.wait_final() == 200
    assert call.bye() == 200
    peer.rest()


def story(lab):
    lab.allow_log(r"ERROR: .*(pars|hdr|header|via|tcp|cseq|CSeq|reply|msg)", r"WARNING")
    lab.start(relay=RELAY, routes=NO_STRAYS)
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    peer = Peer(lab, gw1, gw2)
    for part in (absurd_headers, not_its_branch, disorder, redirects, torture_replies):
        print(part.__name__, flush=True)
        part(lab, peer)
        assert lab.health("gw2") == "up" and lab.dst("gw2")["failed"] == 0
    lab.wait(lambda: all(d["calls"] == 0 for d in lab.set()["destinations"]), "no call is left")
