"""Half of a tier is down: the other half is not drowned, the next tier takes a part.

Over-provisioning 1.4 (design section 7): with two of four equals down the tier keeps
70 % of the calls; a strict tier (spill="off") keeps them all.
"""


RELAY = '''$var(set) = "carriers";
	if ($rU =~ "^9") $var(set) = "strict";
	if (!frt_relay("$var(set)")) send_reply("500", "None");'''


def story(lab):
    lab.start(relay=RELAY)
    gws = lab.gateways_named("gw1", "gw2", "gw3", "gw4", "gw5")
    for set_id in ("carriers", "strict"):
        for gw in ("gw1", "gw2"):
            lab.rpc("failover_route.set_health", set_id, gw, "down")
    load = lab.load(rate=200, seconds=5, users=range(1000, 1100), method="MESSAGE").wait()
    assert load.connected == 1000
    kept = sum(gw.count("MESSAGE") for gw in gws[2:4]) / 1000
    assert 0.63 < kept < 0.77 and gws[4].count("MESSAGE") / 1000 > 0.23
    assert gws[0].count("MESSAGE") == gws[1].count("MESSAGE") == 0
    assert "keeps 70 % of its calls" in lab.explain("carriers")["why"]
    assert [d["share_percent"] for d in lab.explain("carriers")["destinations"]] == [0, 0, 50, 50, 100]
    assert [d["share_percent"] for d in lab.explain("strict")["destinations"]] == [0, 0, 50, 50, 0]
    assert "spill is off" in lab.explain("strict")["why"]

    for gw in gws:
        gw.clear()
    for n in range(60):
        assert lab.place(f"9{n}", method="MESSAGE").finals == [200]
    assert gws[4].count("MESSAGE") == 0
