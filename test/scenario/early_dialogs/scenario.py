"""Early dialogs of the gateway before and of the one after: PRACK, UPDATE and INFO find their own.

With after-ringing="next" the first has sent a reliable 183. What the caller still sends
there goes there, when the call has moved on, too; in the call itself re-INVITE (also one
that crosses: 491), REFER and UPDATE go on as in any other.
"""
from lib.gateway import sdp

RELIABLE = {"Require": "100rel", "RSeq": "1"}


def early(lab, call, gw):
    """The 183 of this gateway."""
    def found():
        return next((m for _, m in list(call.responses) if m.code == 183 and m.to_tag.startswith(gw.name)), None)
    return lab.wait(found, f"the 183 of {gw.name}")


def asked(gw, method):
    return gw.requests[-1].method == method and gw.requests[-1].uri.startswith(f"sip:{gw.name}@")


def story(lab):
    lab.start()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    go, answer = [], []
    gw1.mode = lambda r: go.append(r) or [(0, 183, RELIABLE)]
    gw2.mode = lambda r: answer.append(r) or [(0, 183, RELIABLE)]
    call = lab.call("100", headers={"Supported": "100rel, 199"})
    first = early(lab, call, gw1)
    assert call.in_dialog("PRACK", [("RAck", "1 1 INVITE")], of=first).wait() == 200 and asked(gw1, "PRACK")
    gw1.respond_later(0, go[0], 503)
    second = early(lab, call, gw2)
    assert call.in_dialog("UPDATE", [("Content-Type", "application/sdp")], sdp(lab.slot.caller), of=first).wait() == 200
    assert asked(gw1, "UPDATE")
    assert call.in_dialog("PRACK", [("RAck", "1 1 INVITE")], of=second).wait() == 200 and asked(gw2, "PRACK")
    assert call.in_dialog("INFO", of=second).wait() == 200 and asked(gw2, "INFO")
    gw2.respond_later(0, answer[0], 200)
    assert call.wait_final() == 200 and call.codes == [183, 183, 200]
    gw2.in_dialog_code = 491
    assert call.reinvite() == 491
    gw2.in_dialog_code = 200
    assert call.reinvite() == 200 and call.in_dialog("REFER", [("Refer-To", "<sip:x@example.net>")]).wait() == 200
    assert call.in_dialog("UPDATE").wait() == 200 and asked(gw2, "UPDATE") and call.bye() == 200
    assert [lab.dst(n)["attempts"] for n in ("gw1", "gw2")] == [1, 1]

    # without SDP: the offer is the gateway's
    gw1.reject(503)
    gw2.answer()
    assert lab.place("101", body=b"").finals == [200] and gw2.calls[-1].msg.body == b""
