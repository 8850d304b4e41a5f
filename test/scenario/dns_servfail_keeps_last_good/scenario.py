"""Whatever the DNS does after a good answer, that answer stays in use.

SERVFAIL, no such name, no records, silence, records of another name, a message cut
short, targets that are none: calls go on, health is untouched, `list`, metrics, one log
line and one history entry say what is wrong, and one says when it is over.
"""
SRV = ("_sip._udp.provider.test", "SRV")
RECORDS = {SRV: [(1, 1, 1, 5060, "a.provider.test")],
           (SRV[0], "A"): [(1, "192.0.2.1")], ("a.provider.test", "A"): [(1, "${gw1}")]}


def story(lab):
    lab.allow_log(r"get_record|end of query buff")
    server = lab.dns(RECORDS, hostile=True)
    lab.start()
    gw1, = lab.gateways_named("gw1")
    a = "eu/a.provider.test:5060"
    lab.wait(lambda: lab.set()["destinations"][0]["id"] == a, "the target")
    good = dict(server.records)

    def events():
        return [t["event"] for t in lab.history() if t["event"].startswith("dns-")]

    def trouble(word, records=None, **behaviour):
        seen, calls = len(events()), len(gw1.calls)
        server.records = {**good, **(records or {})}
        server.behave(**behaviour)
        lab.wait(lambda: word in lab.dst(a)["dns_error"], f"{word!r} in dns_error")
        lab.wait(lambda: len(events()) == seen + 1, "it is told")
        count = server.queries("SRV", SRV[0])
        lab.wait(lambda: server.queries("SRV", SRV[0]) > count + 1, "it is asked again")
        assert lab.dst(a)["health"] == "up" and lab.dst(a)["dns_age_ms"] > 0
        assert events()[0] == "dns-failed" and len(events()) == seen + 1  # once
        lab.place("100")
        assert len(gw1.calls) == calls + 1
        server.records = good
        server.behave()
        lab.wait(lambda: lab.dst(a)["dns_error"] == "", "good again")
        lab.wait(lambda: events()[0] == "dns-ok" and len(events()) == seen + 2, "that is told too")

    trouble("server failure", rcode=2)
    trouble("server failure", rcode=5)
    trouble("no such name", rcode=3)
    trouble("no such record", {SRV: []})
    trouble("no answer in time", silent=True)
    trouble("no such record", owner="evil.test")
    trouble("no usable record", cut=3)
    trouble("no usable record", {SRV: [(1, 1, 1, 0, "a.provider.test"), (1, 1, 1, 5060, "b c.test")]})

    metrics = lab.rpc("failover_route.metrics")
    name = '{type="SRV",name="_sip._udp.provider.test"}'
    assert f"failover_route_dns_age_seconds{name}" in metrics
    failures = [l for l in metrics.split("\n") if l.startswith(f"failover_route_dns_failures_total{name}")]
    assert len(failures) == 1 and int(failures[0].split()[-1]) >= 16
    assert [d["generation"] for d in [lab.rpc("failover_route.list")]] == [2]  # nothing was published
