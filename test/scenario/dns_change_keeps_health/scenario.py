"""What stays in an answer keeps its health, its hold and its counters, whatever else changes.

One target goes, one comes, weights change: over changes of the zone, a reload, and a
restart (with the DNS dead: the last good answers are in the state file).
"""
KEPT = ("health", "sources", "reason", "attempts", "failed")


def zone(*targets):
    records = {("_sip._udp.provider.test", "SRV"): [
        (1, priority, 1, 5060, f"{name}.provider.test") for name, priority in targets]}
    for i, name in enumerate("abcd"):
        records[f"{name}.provider.test", "A"] = [(1, f"${{gw{i + 1}}}")]
    return records


def story(lab):
    server = lab.dns(zone(("a", 1), ("b", 2)))
    lab.start()
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    ids = lambda: [d["id"][3] for d in lab.set()["destinations"] if "/" in d["id"]]
    lab.wait(lambda: ids() == ["a", "b"], "two targets")
    gw1.reject(503)
    lab.place_many((100, 101, 102))
    a = "eu/a.provider.test:5060"
    lab.wait_health(a, "down")
    before = lab.dst(a)

    server.set({k: [tuple(r) for r in v] for k, v in lab.filled(zone(("a", 1), ("c", 3))).items()})
    lab.wait(lambda: ids() == ["a", "c"], "b gone, c new")
    after = lab.dst(a)
    assert {k: after[k] for k in KEPT} == {k: before[k] for k in KEPT}
    assert 0 < after["hold_ms"] <= before["hold_ms"]
    lab.place("103")
    assert len(gw3.calls) == 1 and len(gw1.calls) == 3
    told = [t for t in lab.history() if t["destination"] == "eu" and t["event"] == "change"]
    assert told[0]["reason"].startswith("DNS: 2 destinations; gone: eu/b.provider.test:5060; "
                                        "new: eu/c.provider.test:5060"), told[0]

    # nor is it forgotten by an answer without it: some servers give a few of many at a time
    change = lambda *z: server.set(
        {k: [tuple(r) for r in v] for k, v in lab.filled(zone(*z)).items()})
    change(("b", 1), ("c", 3))
    lab.wait(lambda: ids() == ["b", "c"], "a gone")
    lab.place("110")
    change(("a", 1), ("c", 3))
    lab.wait(lambda: ids() == ["a", "c"], "a is back")
    assert {k: lab.dst(a)[k] for k in KEPT} == {k: before[k] for k in KEPT}
    assert 0 < lab.dst(a)["hold_ms"] <= after["hold_ms"]

    # nor is what the operator wants of one alone
    c = "eu/c.provider.test:5060"
    lab.rpc("failover_route.set_admin", "carriers", c, "drain")
    change(("a", 1), ("b", 1))
    lab.wait(lambda: ids() == ["a", "b"], "c gone")
    change(("a", 1), ("c", 3))
    lab.wait(lambda: ids() == ["a", "c"], "c is back")
    assert lab.dst(c)["admin"] == "drain"
    lab.rpc("failover_route.set_admin", "carriers", c, "ready")

    # a reload asks nobody, and keeps all of it
    server.close()
    lab.rpc("failover_route.reload")
    assert ids() == ["a", "c"]
    assert {k: lab.dst(a)[k] for k in KEPT} == {k: before[k] for k in KEPT}

    lab.restart()
    assert ids() == ["a", "c"]
    assert lab.health(a) == "down" and lab.dst(a)["hold_ms"] > 0
    lab.place("104")
    assert len(gw3.calls) == 2
    lab.wait(lambda: lab.dst(a)["dns_error"], "it says that the DNS is dead")
    assert ids() == ["a", "c"] and lab.dst(a)["dns_age_ms"] > 0
