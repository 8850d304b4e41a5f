"""Who loses the race for a call has shown nothing bad; who fails by itself has.

Cancelled by us: the 487, a 503 sent instead of it, nothing at all - no evidence. A 503 or a
silence while others still ring is evidence at once, and does not end or move the call.
"""


def told(lab, name):
    d = lab.dst(name)
    return d["ok"], d["failed"], d["timeouts"], d["calls"]


def story(lab):
    lab.start()
    gw1, gw2, gw3 = gws = lab.gateways_named("gw1", "gw2", "gw3")

    # cancelled: 487; a 503 that crosses the CANCEL; nothing any more
    gw1.ringing()
    gw2.honours_cancel = False
    gw2.mode = lambda r: [(0, 100, None), (0.9, 503, None)]
    gw3.mode = lambda r: [(0, 180, None), (0.3, 200, None)]
    lab.place("100")
    lab.wait(lambda: gw2.count("ACK") == 1, "gw2's 503 acknowledged")
    assert told(lab, "gw1") == (0, 0, 0, 0)
    assert told(lab, "gw2") == (0, 0, 0, 0)
    assert told(lab, "gw3") == (1, 0, 0, 0)
    gw2.mode = lambda r: [(0, 100, None)]  # and not even an answer to the CANCEL
    lab.place("101")
    gw2.deaf()
    lab.place("102")
    lab.wait_transactions(limit=60)
    assert told(lab, "gw1") == (0, 0, 0, 0)
    assert told(lab, "gw2") == (0, 0, 0, 0)
    assert [lab.dst(g.name)["failovers"] for g in gws] == [0, 0, 0]

    # a failure of its own while another one rings: judged at once, the call stays
    gw1.honours_cancel = True
    gw1.ringing()
    gw2.reject(503)
    gw3.deaf()
    call = lab.call("103")
    call.wait_code(180)
    lab.wait(lambda: lab.dst("gw2")["failed"] == 1, "gw2's 503 counted")
    lab.wait(lambda: lab.dst("gw3")["timeouts"] == 1, "gw3's silence counted")
    assert told(lab, "gw3") == (3, 1, 1, 0) and told(lab, "gw1") == (0, 0, 0, 1)
    assert call.status is None and call.codes == [180]
    assert gw1.cancels[3:] == []
    assert call.cancel() == 200 and call.wait_final() == 487

    # they are judged for themselves when nobody answers
    gw1.reject(486)
    call = lab.call("104")
    assert call.wait_final() == 486 and call.finals == [486]
    assert told(lab, "gw1") == (1, 0, 0, 0)
    assert told(lab, "gw2") == (0, 2, 0, 0)
    assert told(lab, "gw3") == (3, 2, 2, 0)

    # a 6xx cancels the others (RFC 3261 16.7): they are not blamed either
    gw2.honours_cancel = True
    gw1.reject(603, delay=0.2)
    gw2.ringing()
    gw3.honours_cancel = False
    gw3.mode = lambda r: [(0, 100, None), (0.5, 503, None)]
    call = lab.call("105")
    assert call.wait_final() == 603 and call.finals == [603]
    assert len(gw2.cancels) >= 1
    assert told(lab, "gw2") == (0, 2, 0, 0)
    assert told(lab, "gw3") == (3, 2, 2, 0)
    # and if one answers all the same before the caller has its 603, that is the call
    gw3.mode = lambda r: [(0, 100, None), (0.5, 200, None)]
    call = lab.call("106")
    assert call.wait_final() == 200 and gw3.host in call.final.get("contact")
    assert call.finals == [200] and call.bye() == 200 and gw3.count("BYE") == 1 + 3
    assert [lab.dst(g.name)["calls"] for g in gws] == [0, 0, 0]
