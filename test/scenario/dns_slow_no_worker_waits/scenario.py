"""Under 50 calls a second with a DNS that answers after 5 s, no call and no probe waits for it."""
LIMIT = 180
RECORDS = {("_sip._udp.provider.test", "SRV"): [(1, 1, 1, 5060, "a.provider.test")],
           ("a.provider.test", "A"): [(1, "${gw1}")], ("pool.test", "A"): [(1, "${gw2}")]}


def story(lab):
    server = lab.dns(RECORDS, hostile=True, timeout=10)
    lab.start()
    gateways = [lab.sipp_gateway("gw1"), lab.sipp_gateway("gw2")]
    lab.wait(lambda: len([d for d in lab.set()["destinations"] if "/" in d["id"]]) == 2, "targets")
    server.behave(delay=5)
    asked = len(server.asked)
    load = lab.load(rate=50, seconds=20)
    lab.wait(lambda: len(server.asked) >= asked + 3, "names are asked for meanwhile", 60)
    assert lab.rpc("failover_route.reload")["generation"] > 1
    load.wait()
    assert load.failed == 0 and load.connected == load.placed_goal
    assert max(load.answer_ms) < 4500  # the DNS takes 5 s
    assert sum(g.calls for g in gateways) > 0
    lab.wait(lambda: lab.set()["destinations"][0]["probe_rtt_ms"] > 0, "probes go on")
