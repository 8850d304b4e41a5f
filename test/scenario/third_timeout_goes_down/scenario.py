"""Three silent calls in a row to different users take a gateway down by traffic alone.

Probing is off, so nothing but calls shows it. From the third failure on no call is
sent there (design section 6: fall = 3; dispatcher sends such a gateway 600 a minute).
"""


def story(lab):
    lab.start()
    gw1, gw2, _gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    gw1.deaf()

    lab.place_many((100, 101))
    told = lab.dst("gw1")
    assert (told["health"], told["timeouts"], told["sources"]) == ("up", 2, [])
    lab.place("102")
    told = lab.wait_health("gw1", "down")
    assert told["sources"] == ["traffic"]
    assert "3 consecutive INVITE timeouts" in told["reason"]
    assert 20000 < told["hold_ms"] <= 36000  # 30 s, jittered
    assert told["effective_weight"] == 0 and 0 <= told["since_ms"] < 5000

    for call in lab.place_many(range(103, 113)):
        assert call.pdd_ms < 400
    assert gw1.users == ["100", "101", "102"]
    assert len(gw2.calls) == 13

    told = lab.dst("gw1")
    assert (told["attempts"], told["ok"], told["failed"], told["failovers"]) == (3, 0, 3, 3)
    last = lab.history("carriers")[0]
    assert (last["destination"], last["from"], last["to"], last["source"]) \
        == ("gw1", "up", "down", "traffic")
    assert "3 consecutive INVITE timeouts" in last["reason"]
    assert [lab.health(g) for g in ("gw2", "gw3")] == ["up", "up"]
