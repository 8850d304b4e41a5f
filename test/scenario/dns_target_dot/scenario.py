"""The SRV target "." means that there is no service (RFC 2782): a good answer, and no destination."""
SRV = ("_sip._udp.provider.test", "SRV")
RECORDS = {SRV: [(1, 1, 1, 5060, "a.provider.test")], ("a.provider.test", "A"): [(1, "${gw1}")]}


def story(lab):
    server = lab.dns(RECORDS)
    lab.start()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    lab.wait(lambda: lab.set()["destinations"][0]["id"] == "eu/a.provider.test:5060", "the target")
    lab.place("100")
    server.set({SRV: [(1, 0, 0, 0, ".")]})
    lab.wait(lambda: lab.set()["destinations"][0]["id"] == "eu", "no service")
    eu = lab.dst("eu")
    assert eu["health"] == "down" and eu["sources"] == ["resolve"]
    assert 'SRV _sip._udp.provider.test: no service (target ".")' in eu["reason"]
    why = lab.explain()["destinations"][0]["why"]
    assert "no service" in why
    lab.place("101")
    assert len(gw1.calls) == 1 and len(gw2.calls) == 1
    server.set(lab.filled(RECORDS))
    lab.wait(lambda: lab.set()["destinations"][0]["id"] == "eu/a.provider.test:5060", "service again")
    lab.place("102")
    assert len(gw1.calls) == 2
