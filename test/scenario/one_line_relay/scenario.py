"""One frt_relay line in the script is all a healthy call needs.

The first tier answers; ACK, re-INVITE and both sides' BYE follow the route set, no
other gateway hears of the call, and the counters say so (design section 5).
"""


def story(lab):
    lab.start()
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")

    call = lab.call("100")
    assert call.wait_final() == 200
    assert call.codes == [180, 200] and call.finals == [200]
    lab.wait(lambda: gw1.acks, "the ACK at gw1")
    assert call.bye() == 200

    invite = gw1.calls[0]
    assert invite.uri == f"sip:100@{lab.slot.kam}:5060"  # $du is set, the R-URI stays
    assert invite.source == (lab.slot.kam, 5060)
    assert gw1.acks[0].uri == gw1.byes[0].uri == gw1.contact(invite)
    assert [gw1.count(m) for m in ("INVITE", "ACK", "BYE")] == [1, 1, 1]

    call = lab.call("101")  # the callee hangs up
    assert call.wait_final() == 200
    assert gw1.hangup(gw1.calls[1]).wait() == 200
    assert [r.method for r in call.requests] == ["BYE"]

    assert gw2.requests == [] and gw3.requests == []
    told = lab.dst("gw1")
    assert (told["attempts"], told["ok"], told["failed"], told["failovers"]) == (2, 2, 0, 0)
    assert (told["health"], told["admin"], told["calls"]) == ("up", "ready", 0)
    assert 0 <= told["pdd_ms"] < 1000
    assert [lab.dst(g)["attempts"] for g in ("gw2", "gw3")] == [0, 0]
