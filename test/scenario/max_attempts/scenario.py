"""A call tries at most max-attempts destinations, and twelve is what tm can hold.

With dispatcher a thirteenth try loses the call; here the twelfth may still answer it
and a thirteenth is never made (peers: tm holds 12 branches).
"""

RELAY = '''if ($rU =~ "^2") {
		if (!frt_relay("many")) send_reply("500", "No destination");
	} else if (!frt_relay("carriers")) send_reply("500", "No destination");'''


def story(lab):
    lab.start(relay=RELAY)
    gws = lab.gateways_named(*[f"gw{n}" for n in range(1, 14)])
    for gw in gws:
        gw.reject(503)
    gws[2].answer()
    assert lab.place("100", expect=500).finals == [500]
    assert [len(g.calls) for g in gws[:3]] == [1, 1, 0]

    gws[2].reject(503)
    gws[11].answer()
    call = lab.place("200")
    assert call.finals == [200]
    assert [len(g.calls) for g in gws] == [2, 2] + [1] * 10 + [0]
    assert len(gws[11].byes) == 1

    gws[11].reject(503)
    gws[12].answer()
    assert lab.place("200", expect=500).finals == [500]
    assert len(gws[11].calls) == 2 and gws[12].requests == []
