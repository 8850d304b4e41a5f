"""A test call proves more than a ping: the gateway that answers OPTIONS and refuses calls is
found out before the first caller is.

The test call is never left behind. It is cancelled when it rings and when its time is up, as
soon as a provisional reply allows it; answered, it gets ACK and BYE, whatever has crossed
what, and each of several telephones that answered gets its own. One at a time.
"""
import copy
import re
import time


def order(lab, gw, count=1):
    """Orders a probe; returns its INVITE."""
    gw.clear()
    lab.rpc("failover_route.probe", "carriers", "gw1")
    return gw.wait_calls(count)[0]


def quiet(lab, gw):
    lab.wait(lambda: not gw.hanging, "every test call is over", limit=10)


def verdicts(lab):
    """How many probes have ended."""
    return int(re.search(r'_probes_total{set="carriers",[^}]*} (\d+)',
                         str(lab.rpc("failover_route.metrics")))[1])


def probe(lab, gw, health):
    """One ordered test call, and what it makes of the destination."""
    before = verdicts(lab)
    invite = order(lab, gw)
    lab.wait(lambda: verdicts(lab) > before, "the verdict")
    lab.wait_health("gw1", health)
    quiet(lab, gw)
    return invite


def story(lab):
    gw = lab.gateway("gw1")
    gw.ringing()
    lab.start()

    # the first one goes out by itself: it rings, is cancelled, and the 487 gets its ACK
    invite = gw.wait_calls(1)[0]
    quiet(lab, gw)
    assert invite.uri == f"sip:+4930000000@{gw.host}:5060" and invite.transport == "udp"
    assert invite.get("to") == f"<{invite.uri}>"
    assert invite.get("from").startswith("<sip:test@example.net>;tag=")
    assert invite.get("contact").startswith("<sip:failover_route@") and invite.get("user-agent")
    assert invite.get("content-type") == "application/sdp"
    assert b"a=inactive\r\n" in invite.msg.body and b"m=audio 9 " in invite.msg.body
    lab.wait(lambda: gw.acks, "the 487 gets its ACK")
    assert len(gw.cancels) == 1 and len(gw.acks) == 1 and not gw.byes
    cancel = gw.cancels[0]
    assert cancel.uri == invite.uri and cancel.branch == invite.branch
    assert lab.health("gw1") == "up" == lab.health("gw1", "listed")
    # two sets, one next hop, one test call; the pings are another target
    time.sleep(1)
    assert len(gw.calls) == 1 and len(gw.options) >= 1

    # alive to pings, of no use to calls
    gw.limp()
    probe(lab, gw, "down")
    assert lab.health("gw1", "listed") == "down" and lab.health("gw1", "pings") == "up"
    assert not gw.cancels and not gw.byes

    # 183 is good as well
    gw.ringing(183)
    probe(lab, gw, "up")
    # busy is no proof that a call gets anywhere, unless the set says so
    gw.reject(486)
    probe(lab, gw, "down")
    assert lab.health("gw1", "listed") == "up"

    # answered at once: ACK and BYE, no CANCEL
    gw.mode = lambda r: [(0, 200, None)]
    invite = probe(lab, gw, "up")
    assert not gw.cancels and len(gw.byes) == 1
    assert gw.byes[0].uri == gw.acks[0].uri == f"sip:gw1@{gw.host}:5060"
    assert gw.byes[0].cseq == invite.cseq + 1 and gw.acks[0].cseq == invite.cseq
    time.sleep(1)
    assert len(gw.requests) - len(gw.options) == 3  # INVITE, ACK, BYE, nothing again

    # the 200 crosses the CANCEL
    gw.honours_cancel = False
    gw.mode = lambda r: [(0, 100, None), (0, 180, None), (0.3, 200, None)]
    probe(lab, gw, "up")
    lab.wait(lambda: len(gw.byes) == 1 and len(gw.cancels) == 1, "CANCEL, ACK and BYE")
    gw.honours_cancel = True

    # the first ACKs are lost: the 200 comes again, the BYE does not
    lost = []
    gw.filter = lambda m, c: not (m.method == "ACK" and len(lost) < 2 and lost.append(m) is None)
    gw.mode = lambda r: [(0, 200, None)]
    probe(lab, gw, "up")
    gw.filter = None
    assert len(lost) == 2 and len(gw.byes) == 1

    # two telephones answer, and both say so twice
    def forked(request):
        other = copy.copy(request)
        other.tag = "other"
        for delay in (0.1, 0.7):
            lab.reactor.later(delay, lambda: request.channel.send(gw.response(other, 200, None)))
        return [(0, 180, None), (0.2, 200, None)]
    gw.honours_cancel = False
    gw.mode = forked
    invite = probe(lab, gw, "up")
    time.sleep(1)
    assert sorted(r.msg.to_tag for r in gw.byes) == sorted([invite.tag, "other"])
    assert [r.msg.to_tag for r in gw.requests if r.method == "ACK"].count("other") == 2
    gw.honours_cancel = True

    # 100 and then nothing: that is no good, and it is cancelled when the time is up
    gw.trying()
    invite = probe(lab, gw, "down")
    assert len(gw.cancels) == 1 and 1.0 < gw.cancels[0].time - invite.time < 8

    # it rings, and the CANCEL gets lost: it comes again, and until the end no other call does
    gw.ringing()
    gw.filter = lambda m, c: m.method != "CANCEL"
    order(lab, gw)
    lab.wait_health("gw1", "up")
    lab.rpc("failover_route.probe", "carriers", "gw1")
    time.sleep(1.5)
    assert len(gw.calls) == 1 and gw.hanging
    gw.filter = None
    gw.wait_calls(2, limit=30)  # the one ordered meanwhile
    quiet(lab, gw)

    # nothing at all: no CANCEL may be sent, and the INVITE is not repeated any more; when it
    # rings after all, the CANCEL is there, and when it is answered, ACK and BYE
    gw.mode = lambda r: [(4.0, 180, None)]
    invite = order(lab, gw)
    lab.wait_health("gw1", "down")
    assert not gw.cancels
    lab.wait(lambda: len(gw.cancels) == 1, "the CANCEL of the late ringing")
    quiet(lab, gw)
    again = [r for r in gw.requests if r.method == "INVITE"]
    assert again[-1].time - invite.time < 3.5
    gw.mode = lambda r: [(4.0, 200, None)]
    order(lab, gw)
    lab.wait(lambda: len(gw.byes) == 1, "the BYE of the late answer")
    quiet(lab, gw)

    # a reload with a shorter interval reaches what waits for the longer one
    gw.reject(503)
    probe(lab, gw, "down")
    gw.clear()
    lab.edit_xml(('fast-interval="1h"', 'fast-interval="10s"'))
    lab.rpc("failover_route.reload")
    gw.wait_calls(1, limit=30)
    lab.edit_xml(('fast-interval="10s"', 'fast-interval="1h"'))
    lab.rpc("failover_route.reload")

    # a reload takes the destination away while its test call is under way
    gw.trying()
    order(lab, gw)
    lab.edit_xml(("<defaults ", '<defaults enabled="no" '))
    lab.rpc("failover_route.reload")
    lab.wait(lambda: len(gw.cancels) == 1, "the CANCEL")
    quiet(lab, gw)

    # Kamailio stops while one is under way
    lab.edit_xml(('<defaults enabled="no" ', "<defaults "), ("1500ms", "15s"))
    lab.rpc("failover_route.reload")
    order(lab, gw)
    time.sleep(0.3)
    lab.stop()
    lab.wait(lambda: len(gw.cancels) == 1, "the CANCEL at the end")
