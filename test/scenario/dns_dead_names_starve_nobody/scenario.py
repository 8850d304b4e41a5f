"""More names without an answer than can be asked before the first of them is due again:
the others are asked all the same, and what their DNS says comes into use.
"""
DEAD, LIVE = 6, 16


def story(lab):
    names = [f"gw{n}.dead.test" for n in range(DEAD)] + [f"gw{n}.live.test" for n in range(LIVE)]
    dns = lab.dns({(name, "A"): [(1, "${gw1}")] for name in names}, hostile=True)
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    lab.start(destinations="\n    ".join(f'<destination id="{name}" uri="sip:{name}:5060" resolve="host"/>'
                                         for name in names))

    def addresses(ending):
        return {d["uri"].split(":")[1] for d in lab.set()["destinations"]
                if d["id"].split("/")[0].endswith(ending)}
    lab.wait(lambda: addresses("test") == {gw1.host}, "all are resolved", limit=30)
    dns.behave(silent=".dead.test")
    lab.wait(lambda: all(dns.queries("A", f"gw{n}.dead.test") > 4 for n in range(DEAD)),
             "the dead are asked again and again", limit=120)
    dns.records.update(lab.filled({(name, "A"): [(1, "${gw2}")] for name in names}))
    lab.wait(lambda: addresses("live.test") == {gw2.host}, "the others change", limit=60)
    assert addresses("dead.test") == {gw1.host}
    dns.behave()
    lab.wait(lambda: addresses("test") == {gw2.host}, "the dead are back", limit=60)
