"""profile="strict" takes a destination down at its first 408, 480, 503 or 504.

Other codes still mean what they mean: a busy phone or a 500 is no reason.
"""


def story(lab):
    lab.start()
    gws = lab.gateways_named("gw1", "gw2", "gw3", "gw4", "gw5")

    for code, seen in ((486, 486), (404, 404), (603, 603), (500, 200)):
        gws[0].reject(code)
        lab.place("100", expect=seen)
    assert lab.health("gw1") == "up"

    for gw, code in zip(gws, (480, 408, 503, 504)):
        gw.reject(code)
        assert lab.place("100").finals == [200]
        told = lab.wait_health(gw.name, "down")
        assert told["sources"] == ["traffic"] and str(code) in told["reason"]
    assert [lab.health(g.name) for g in gws] == ["down"] * 4 + ["up"]
    assert [len(g.calls) for g in gws] == [5, 3, 2, 2, 1]
