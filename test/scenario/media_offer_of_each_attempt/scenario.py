"""With rtpengine in a branch_route each attempt has an offer of its own, made of the caller's.

Body and headers of one attempt are not in the next, the answer is that of who answers, and
a call that nobody takes is deleted once.
"""
import re
import socket
import threading

PARAMS = 'modparam("rtpengine", "rtpengine_sock", "udp:${kam}:22222")\n'
RELAY = '''append_hf("X-Once: 1\\r\\n");
	t_on_branch("OFFER");
	t_on_reply("ANSWER");
	t_on_failure("DELETE");
	if ($rU =~ "^2") frt_relay("all");
	else frt_relay("carriers");'''
ROUTES = '''branch_route[OFFER] {
	rtpengine_manage("replace-origin");
	append_hf("X-Attempt: $frt(id)\\r\\n");
}
onreply_route[ANSWER] {
	if (has_body("application/sdp")) rtpengine_manage();
}
failure_route[DELETE] { rtpengine_delete(); }'''


def value(data, at=0):
    """A bencoded value, and where it ends."""
    kind = data[at:at + 1]
    if kind == b"i":
        end = data.index(b"e", at)
        return int(data[at + 1:end]), end + 1
    if kind in b"ld":
        items, at = [], at + 1
        while data[at:at + 1] != b"e":
            item, at = value(data, at)
            items.append(item)
        return (items if kind == b"l" else dict(zip(items[::2], items[1::2]))), at + 1
    colon = data.index(b":", at)
    end = colon + 1 + int(data[at:colon])
    return data[colon + 1:end], end


class Engine:
    """rtpengine's control protocol; every offer and answer gets a port of its own."""

    def __init__(self, host):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host, 22222))
        self.seen, self.port = [], 30000
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            data, peer = self.socket.recvfrom(65535)
            cookie, _, rest = data.partition(b" ")
            asked, _ = value(rest)
            command, sdp = asked[b"command"].decode(), asked.get(b"sdp", b"")
            reply = b"d6:result4:ponge" if command == "ping" else b"d6:result2:oke"
            if command != "ping":
                self.seen.append(command)
            if sdp:
                assert b"a=engine" not in sdp, sdp
                self.port += 2
                sdp = re.sub(rb"m=audio \d+", b"m=audio %d" % self.port, sdp) + b"a=engine:1\r\n"
                reply = b"d6:result2:ok3:sdp%d:%se" % (len(sdp), sdp)
            self.socket.sendto(cookie + b" " + reply, peer)

    def took(self):
        seen, self.seen = self.seen, []
        return sorted(seen)


def story(lab):
    engine = Engine(lab.slot.kam)
    lab.start(modules=["rtpengine", "textopsx"], modparams=PARAMS.replace("${kam}", lab.slot.kam),
              relay=RELAY, routes=ROUTES)
    gws = gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    gw1.reject(503)
    gw2.deaf()
    for user in "100", "200":
        call = lab.place(user)
        ports = set()
        for gw in gws:
            msg = gw.calls[-1].msg
            assert gw.users[-1] == user and msg.all("x-attempt") == [gw.name]
            assert msg.all("x-once") == ["1"]
            ports |= set(re.findall(rb"m=audio (\d+)", msg.body))
            assert (msg.body.count(b"m=audio"), msg.body.count(b"a=engine")) == (1, 1), msg.body
        assert len(ports) == 3
        assert call.final.body.count(b"a=engine") == 1
        assert engine.took() == ["answer"] + 3 * ["offer"]

    gw3.reject(486)
    lab.place("101", expect=486)
    assert engine.took() == ["delete"] + 3 * ["offer"]
