"""With the DNS dead at start the table loads, and whatever needs no name serves.

A name without an answer is down, source resolve, and says so in words; panic does not
try it; it comes into use when the DNS answers.
"""
RECORDS = {("_sip._udp.provider.test", "SRV"): [(1, 1, 1, 5060, "a.provider.test")],
           ("a.provider.test", "A"): [(1, "${gw1}")], ("pool.test", "A"): [(1, "${gw1}")]}


def story(lab):
    lab.dns(start=False)
    lab.start(relay='''$var(set) = "carriers";
	if ($rU == "900") $var(set) = "names";
	if (!frt_relay("$var(set)")) send_reply("500", "No destination");''')
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    lab.place("100")
    assert len(gw2.calls) == 1
    lab.wait(lambda: "no server" in lab.dst("eu")["dns_error"], "it was asked for")
    eu = lab.dst("eu")
    assert (eu["health"], eu["sources"], eu["effective_weight"]) == ("down", ["resolve"], 0)
    assert "its name does not resolve: SRV _sip._udp.provider.test: server failure, or no server" in eu["reason"]
    assert "dns_age_ms" not in eu
    lab.wait(lambda: lab.set("names")["health"] == "down" and any(
        t["event"] == "set-down" and t["set"] == "names" for t in lab.history()), "set-down")
    explained = lab.explain("names")
    assert explained["choice"] == "" and not explained["destinations"][0]["usable"]
    assert "does not resolve" in explained["destinations"][0]["why"]
    lab.place("900", expect=500)
    lab.rpc("failover_route.set_health", "names", "pool", "up")
    assert lab.health("pool", "names") == "down"  # no wish makes a name an address
    assert lab.fault("failover_route.add", "names", "pool", "sip:192.0.2.1").code == 400

    told = lab.rpc("failover_route.check")["warnings"]
    assert len(told) == 2 and all("failover_route.xml:" in w for w in told)
    assert any('"eu">: its name does not resolve now: SRV _sip._udp.provider.test: ' in w for w in told)

    lab.dns(RECORDS)
    lab.wait(lambda: lab.set("names")["health"] == "up", "the name has an address", limit=30)
    lab.wait(lambda: any(t["event"] == "dns-ok" for t in lab.history("names")), "it is told")
    lab.place("900")
    lab.wait(lambda: lab.set()["destinations"][0]["id"] == "eu/a.provider.test:5060", "the target", 30)
    lab.place("101")
    assert not lab.rpc("failover_route.check")["warnings"]
    assert len(gw1.calls) == 2 and len(gw2.calls) == 1
