"""X-Failover-Path tells the way a call took, to whom the set says, and to nobody by default.

What others sent under that name is taken out where ours could be, folded lines, other case and
headers the core's parser gives up on included; without path-header it is none of our business.
"""
FORGED = {"x-failover-PATH": "trust:200\r\n me", "X-Failover-Path ": "again"}


def place(lab, to, expect=200, **options):
    """A call into the set named like the called user's domain part: 'set-number'."""
    return lab.place(to, expect=expect, headers=FORGED, **options)


def paths(msg):
    return msg.all("X-Failover-Path")


def said(call):
    """The header of each response the caller got, by code; 100 has none."""
    for _, msg in call.responses:
        if msg.start.split()[1] == "100":
            assert paths(msg) == []
    return [paths(msg) for _, msg in call.responses if msg.start.split()[1] != "100"]


def last(gw):
    return paths(gw.calls[-1].msg)


def story(lab):
    lab.start(relay='''$var(set) = $(rU{s.select,0,-});
	if (!frt_relay("$var(set)")) send_reply("500", "No destination");''')
    # the absurd Retry-After below
    lab.allow_log("parse_retry_after", "get_hdr_field", "parse_headers", "bad header")
    gw1, gw2, gw3 = gws = lab.gateways_named("gw1", "gw2", "gw3")
    reply = {"X-Failover-Path": "forged:200", "Retry-After": "99999999999999999999999",
             "X-FAILOVER-path": "folded\r\n  again"}
    gw1.reject(503, headers={"X-Failover-Path": "forged:503"})
    gw2.answer(headers=reply)

    # off: nothing of ours, in no direction, and what is not ours is let be
    call = place(lab, "carriers-1")
    assert all(len(p) == 2 and not any("gw1" in v for v in p) for p in (last(gw1), last(gw2)))
    assert said(call)[-1] == ["forged:200", "folded again"]

    call = place(lab, "caller-1")
    assert last(gw1) == last(gw2) == []
    assert said(call) == [["gw1:503>gw2"], ["gw1:503>gw2:200"]]
    call = place(lab, "callee-1")
    assert last(gw1) == ["gw1"] and last(gw2) == ["gw1:503>gw2"]
    assert said(call) == [[], []]
    call = place(lab, "both-1")
    assert last(gw2) == ["gw1:503>gw2"] and said(call) == [["gw1:503>gw2"], ["gw1:503>gw2:200"]]
    assert gw2.calls[-1].get("User-Agent") is not None and gw2.calls[-1].msg.body

    # failed calls: relayed, made by tm, made by us
    gw2.reject(486, headers=reply)
    assert said(place(lab, "caller-2", 486)) == [["gw1:503>gw2:486"]]
    assert said(place(lab, "callee-2", 486)) == [[]]
    gw2.reject(500)
    gw3.deaf()
    assert said(place(lab, "both-3", 408)) == [["gw1:503>gw2:500>gw3:408"]]
    for gw in gws:
        gw.deaf()
    assert said(place(lab, "both-4", 408)) == [["gw1:408>gw2:408>gw3:408"]]
    for gw in gws:
        gw.reject(503)
    assert said(place(lab, "both-5", 500)) == [["gw1:503>gw2:503>gw3:503"]]
    gw1.reject(480)
    gw2.reject(480)
    gw3.reject(504)
    assert said(place(lab, "both-6", 480)) == [["gw1:480>gw2:480>gw3:504"]]
    assert last(gw3) == ["gw1:480>gw2:480>gw3"]
    # one that stopped the call keeps what else it says
    gw2.reject(401, headers={"WWW-Authenticate": 'Digest realm="x", nonce="y"', **reply})
    call = place(lab, "caller-7", 401)
    assert said(call) == [["gw1:480>gw2:401"]] and "realm" in call.final.get("WWW-Authenticate")

    # at once, and cancelled
    gw1.ringing()
    gw2.reject(503)
    call = lab.call("fork-8", headers=FORGED)
    call.wait_code(180)
    gw2.wait_calls(1)
    assert call.cancel() == 200 and call.wait_final() == 487
    assert said(call)[-1] in (["gw1:487+gw2:503"], ["gw2:503+gw1:487"])
    gw1.answer()
    gw2.ringing()
    call = place(lab, "fork-9")
    assert said(call)[-1] in (["gw1:200+gw2"], ["gw2+gw1:200"])
    assert (last(gw1), last(gw2)) in ((["gw1"], ["gw1+gw2"]), (["gw2+gw1"], ["gw2"]))

    # in a dialog and in ACK, CANCEL and BYE nothing is told
    assert all(paths(r.msg) == [] for gw in gws for r in gw.requests
               if r.method in ("ACK", "CANCEL", "BYE") and "carriers" not in r.uri)
