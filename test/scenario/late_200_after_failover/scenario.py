"""The gateway that was given up answers after all, when the caller talks to another one.

Its 200 never reaches the caller. It is acknowledged, so that it stops, and hung up with a
BYE, so that nobody sits there listening to nothing: while the transaction is there and
after it has gone, with Record-Routes of proxies on both sides, and as often as it comes.
"""
import time

ONREPLY = '''onreply_route[ANSWERS] {
	if (status =~ "2[0-9][0-9]") xlog("L_NOTICE", "ANSWER from $si for $rU$fU\\n");
}'''
RELAY = '''t_on_reply("ANSWERS");
	if (!frt_relay("carriers")) {
		send_reply("500", "No destination");
	}'''


def ended(lab, gw, call, copies=1):
    """ACK for every copy, one BYE; both along the dialog that the gateway began."""
    lab.wait(lambda: len([r for r in gw.byes if r.call_id == call.call_id]) == 1,
             f"the BYE to {gw.name}")
    acks = [r for r in gw.requests if r.method == "ACK" and r.call_id == call.call_id]
    bye = next(r for r in gw.byes if r.call_id == call.call_id)
    invite = next(r for r in gw.calls if r.call_id == call.call_id)
    assert len(acks) >= copies
    for request in acks + [bye]:
        assert request.msg.to_tag == invite.tag and request.uri.startswith(f"sip:{gw.name}@")
        assert request.get("from") == invite.get("from")
    assert acks[0].cseq == invite.cseq and bye.cseq == invite.cseq + 1
    assert acks[0].msg.get("cseq").endswith("ACK")
    return acks, bye


def talks(lab, call, gw):
    """The caller has one answer, and it is this gateway's."""
    assert call.finals == [200] and call.final.get("contact").find(gw.host) >= 0
    assert call.requests == []


def story(lab):
    lab.start(relay=RELAY, routes=ONREPLY)
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")

    # 2.5 s late, with the try-timeout at 500 ms: gw2 has answered
    gw1.mode = lambda r: [(2.5, 200, None)]
    call = lab.call("100")
    assert call.wait_final() == 200 and call.final_ms < 2400
    ended(lab, gw1, call)
    time.sleep(1.2)  # no copy after the ACK
    talks(lab, call, gw2)
    assert len(gw1.byes) == 1
    assert lab.log.count("ANSWER from") == 1  # no route of the call saw the other
    assert lab.dst("gw1")["late"] == 1 and call.bye() == 200

    # the first ACK is lost: each copy of the 200 gets one, and one BYE in all
    lost = []
    gw1.filter = lambda m, c: not (m.method == "ACK" and len(lost) < 2 and lost.append(m) is None)
    call = lab.call("101")
    assert call.wait_final() == 200
    lab.wait(lambda: len(lost) == 2 and gw1.acks[-1].call_id == call.call_id, "a third ACK")
    gw1.filter = None
    ended(lab, gw1, call)
    time.sleep(0.6)
    talks(lab, call, gw2)
    assert len([r for r in gw1.byes if r.call_id == call.call_id]) == 1
    call.bye()

    # the call has begun and ended, and its transaction is forgotten (5 s)
    gw1.mode = lambda r: [(8.0, 200, None)]
    call = lab.call("102", auto_ack=False, headers={
        "Record-Route": "<sip:before@192.0.2.1;lr>, <sip:first@192.0.2.2;lr>"})
    assert call.wait_final() == 200
    lab.wait(lambda: len([r for r in gw1.requests if r.method == "ACK"
                          and r.call_id == call.call_id]) >= 1, "the ACK", limit=12)
    _, bye = ended(lab, gw1, call)
    assert bye.msg.all("route") == []  # those before us, and ours, are not on this way
    talks(lab, call, gw2)

    # a proxy behind us: ACK and BYE go along its Record-Route
    via = f"<sip:{gw3.host};lr>"
    gw1.mode = lambda r: [(2.5, 200, {"Record-Route": via})]
    call = lab.call("103")
    assert call.wait_final() == 200
    lab.wait(lambda: gw3.count("BYE") == 1 and gw3.count("ACK") >= 1, "ACK and BYE by the proxy")
    assert gw3.byes[0].msg.all("route") == [via] == gw3.acks[0].msg.all("route")
    assert gw3.byes[0].uri.startswith("sip:gw1@")
    talks(lab, call, gw2)
    call.bye()

    # nobody answered: the caller has its refusal, and the 200 after it is hung up as well
    gw1.mode = lambda r: [(1.9, 200, None)]
    gw2.reject(486)
    call = lab.call("104")
    assert call.wait_final() == 486
    ended(lab, gw1, call)
    assert call.finals == [486]

    # the caller hung up while the gateway was silent
    gw1.mode = lambda r: [(2.5, 200, None)]
    gw2.blackhole()
    gw3.blackhole()
    before = len(gw2.calls)
    call = lab.call("105")
    gw2.wait_calls(before + 1)
    assert call.cancel() == 200
    assert call.wait_final() == 487
    ended(lab, gw1, call)
    assert call.finals == [487]
