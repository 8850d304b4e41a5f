"""Calls connect, but nobody hears anything: the script reports it, and calls go elsewhere.

frt_report is evidence of quality from outside (design section 5): three bad reports in a
row take the destination down, with a flag of its own that no OPTIONS clears.
"""

RELAY = '''if ($rU =~ "^9") {
		$var(rc) = frt_report("carriers", "gw1", "$(rU{s.substr,1,0})");
		send_reply("200", "rc=$var(rc)");
		exit;
	}
	if (!frt_relay("carriers")) send_reply("500", "None");'''


def story(lab):
    lab.start(relay=RELAY)
    lab.allow_log(r"frt_report: score")
    gw1, gw2 = lab.gateways_named("gw1", "gw2")

    def report(score):
        return lab.place(f"9{score}", method="MESSAGE").final.phrase
    assert [report(n) for n in (10, 20, 90, 10, 20)] == ["rc=1"] * 5
    assert lab.health("gw1") == "up"
    assert report(30) == "rc=1"
    told = lab.wait_health("gw1", "down")
    assert told["sources"] == ["quality"] and "quality" in told["reason"]
    lab.place("100")
    assert len(gw1.calls) == 0 and len(gw2.calls) == 1
    assert report(101) == "rc=-3"
    lab.wait_health("gw1", "up", limit=30)  # the hold is over, what was said is old
    lab.place("101")
    assert len(gw1.calls) == 1
