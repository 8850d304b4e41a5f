"""A target whose addresses have changed, over restarts: each address has the id, the health and the
operator's wish that it had, whichever of them has gone by the target's name alone.
"""
SRV = ("_sip._udp.provider.test", "SRV")


def addresses(*names):
    return {("a.provider.test", "A"): [(1, "${" + name + "}") for name in names]}


def story(lab):
    server = lab.dns({SRV: [(1, 1, 1, 5060, "a.provider.test")], **addresses("gw2")}, hostile=True)
    lab.start()
    gateways = {f"gw{n}": lab.slot.gateway(f"gw{n}") for n in (1, 2, 3, 4)}

    def children():
        """{gateway: (id, health, admin)}"""
        return {name: (d["id"], d["health"], d["admin"]) for d in lab.set()["destinations"]
                for name, host in gateways.items() if f":{host}:" in d["uri"]}

    def change(*names):
        server.records.update(lab.filled(addresses(*names)))
        lab.wait(lambda: sorted(children()) == sorted(names), f"the addresses are {names}")

    def check(before):
        assert children() == before
        events = [t for t in lab.history() if t["event"] == "change" and t["destination"] == "eu"]
        seen = server.queries("A", "a.provider.test")
        lab.wait(lambda: server.queries("A", "a.provider.test") > seen + 1, "it is asked again")
        assert children() == before
        assert [t for t in lab.history() if t["event"] == "change" and t["destination"] == "eu"] == events

    lab.wait(lambda: list(children()) == ["gw2"], "the first address")
    for names in (("gw1", "gw2"), ("gw1",), ("gw1", "gw3"), ("gw4", "gw3", "gw1", "gw2"), ("gw2", "gw1")):
        change(*names)
        for n, name in enumerate(sorted(names)):
            lab.rpc("failover_route.set_health", "carriers", children()[name][0], ("down", "up")[n % 2])
            lab.rpc("failover_route.set_admin", "carriers", children()[name][0], ("ready", "drain", "maint")[n % 3])
        before = children()
        lab.restart()
        check(before)
    # and where the DNS is dead by then
    server.close()
    lab.restart()
    assert children() == before
