"""Rules in a set's <policy> override what a reply means, the first match wins.

Codes singly, as a range and as a class, and by origin; another set in the same file
keeps the built-in table (design sections 6 and 11).
"""

RELAY = '''if ($rU =~ "^2") {
		if (!frt_relay("plain")) send_reply("500", "No destination");
	} else if (!frt_relay("carriers")) send_reply("500", "No destination");'''


def story(lab):
    lab.start(relay=RELAY)
    gw1, gw2 = lab.gateways_named("gw1", "gw2")

    #   gw1's code, caller of carriers sees, caller of plain sees
    for code, ours, plain in ((503, 500, 200), (486, 200, 486), (500, 500, 200),
                              (502, 502, 200), (504, 200, 200), (404, 404, 404)):
        gw1.reject(code)
        assert lab.place("100", expect=ours).finals == [ours]
        assert lab.place("200", expect=plain).finals == [plain]
    told = lab.dst("gw1")
    assert (told["attempts"], told["failed"]) == (6, 1)  # only the 504 is strong
    assert lab.dst("gw1", "plain")["failed"] == 2        # its 503 and 504

    gw1.blackhole()
    assert lab.place("100", expect=408).finals == [408]
    assert lab.place("200").finals == [200]
    assert lab.dst("gw1")["failed"] == 2
    assert gw1.cancels == [] and len(gw2.calls) == 2 + 5
