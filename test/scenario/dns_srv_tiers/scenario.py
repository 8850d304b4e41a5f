"""SRV records of a real server make tiers inside the priority of their destination.

The order of failover is the file's priorities, and within the name's the SRV
priorities; SRV weights share the calls of one of them; `list` and `explain` show both.
"""
RECORDS = {
    ("_sip._udp.provider.test", "SRV"): [
        (1, 10, 30, 5060, "a.provider.test"), (1, 10, 10, 5060, "b.provider.test"),
        (1, 20, 0, 5060, "c.provider.test"), (1, 30, 0, 5060, "alias.provider.test")],
    ("a.provider.test", "A"): [(1, "${gw2}")], ("b.provider.test", "A"): [(1, "${gw3}")],
    ("c.provider.test", "A"): [(1, "${gw4}")], ("d.provider.test", "A"): [(1, "${gw5}")],
    ("alias.provider.test", "CNAME"): [(1, "d.provider.test")]}


def story(lab):
    lab.dns(RECORDS)
    lab.start()
    gateways = lab.gateways_named("gw1", "gw2", "gw3", "gw4", "gw5", "gw6")

    def children():
        return [d for d in lab.set()["destinations"] if d.get("parent") == "eu"]
    lab.wait(lambda: len(children()) == 4, "four targets")
    assert [(d["id"], d["priority"], d["sub_priority"], d["weight"]) for d in children()] == [
        ("eu/a.provider.test:5060", 2, 10, 30), ("eu/b.provider.test:5060", 2, 10, 10),
        ("eu/c.provider.test:5060", 2, 20, 0), ("eu/alias.provider.test:5060", 2, 30, 0)]
    assert [d["uri"] for d in children()] == [f"sip:{g.host}:5060" for g in gateways[1:5]]
    assert all(d["dns_error"] == "" and d["dns_age_ms"] >= 0 for d in children())

    # one call tries all: the tiers in their order, the last of them answers
    for gateway in gateways[:5]:
        gateway.reject(500)
    lab.place("100")
    times = [g.calls[0].time for g in gateways]
    assert len(times) == 6 and times[0] == min(times) and max(times[1:3]) < times[3] < times[4] < times[5]

    # SRV weights 30 and 10 share what their tier gets
    for gateway in gateways[1:5]:
        gateway.answer()
    for gateway in gateways:
        gateway.clear()
    lab.rpc("failover_route.set_admin", "carriers", "first", "maint")
    why = lab.explain()["destinations"]
    assert [d["share_percent"] for d in why if d["id"].startswith("eu/")] == [75, 25, 0, 0]
    assert "priority 2/10" in lab.explain()["why"]
    lab.place_many(range(200, 240))
    shares = [len(g.calls) for g in gateways]
    assert sum(shares) == 40 and shares[0] == 0 and 22 <= shares[1] <= 36 and shares[3:] == [0, 0, 0]

    # the name stands for all of its targets
    answer = lab.rpc("failover_route.set_admin", "carriers", "eu", "drain")
    assert answer["destinations"] == 4 and answer["changed"] == 4
    lab.place("300")
    assert len(gateways[5].calls) == 1
