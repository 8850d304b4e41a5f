"""A gateway that was given up, or lost the race, refuses after the call has its answer.

Its refusal gets its ACK, so that it stops sending it, and never reaches the caller; the
answer to our CANCEL ends the CANCEL. tm since Kamailio 6.1.4 would see to neither.
"""
import time

RELAY = '''$var(set) = "carriers";
	if ($rU =~ "^2") $var(set) = "race";
	if (!frt_relay("$var(set)")) send_reply("500", "No destination");'''


def acked(lab, gw, call):
    def acks():
        return [r for r in gw.requests if r.method == "ACK" and r.call_id == call.call_id]
    lab.wait(acks, f"the ACK to {gw.name}")
    time.sleep(1.2)  # two copies would have come by now
    invite = next(r for r in gw.calls if r.call_id == call.call_id)
    assert len(acks()) == 1 and acks()[0].branch == invite.branch
    assert acks()[0].msg.to_tag == invite.tag


def story(lab):
    lab.start(relay=RELAY)
    gw1, gw2 = lab.gateways_named("gw1", "gw2")

    # silent, left after 500 ms, and 480 when gw2 has answered
    for after in (1.2, 2.5):
        gw1.mode = lambda r, after=after: [(after, 480, None)]
        call = lab.call("100")
        assert call.wait_final() == 200
        acked(lab, gw1, call)
        assert call.codes == [180, 200] and call.finals == [200]
        assert call.bye() == 200

    # it rings, loses, and takes its time to say 487
    gw1.honours_cancel = False
    gw1.mode = lambda r: [(0, 180, None), (1.5, 487, None)]
    gw2.mode = lambda r: [(0.3, 200, None)]
    call = lab.call("200")
    assert call.wait_final() == 200
    acked(lab, gw1, call)
    assert call.finals == [200] and call.bye() == 200
    # with a CANCEL of its own, sent once: its 200 was taken
    assert len([r for r in gw1.requests if r.method == "CANCEL"]) == 1
