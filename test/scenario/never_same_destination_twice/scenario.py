"""A call never meets the same destination twice, whatever the weights are.

One tier in which one destination has nearly all of the weight and one has none, and
more attempts allowed than there are destinations: each is tried exactly once.
"""


def story(lab):
    lab.start()
    gws = lab.gateways_named("gw1", "gw2", "gw3", "gw4")
    for gw in gws:
        gw.reject(503)
    for n in range(1, 16):
        assert lab.place("100", expect=500).finals == [500]
        assert [len(g.calls) for g in gws] == [n] * 4
    first = [min(gws, key=lambda g: g.calls[n].time).name for n in range(15)]
    assert first.count("gw1") >= 13  # by weight it comes first

    gws[3].answer()  # weight 0 has a small chance, and is used when nothing else is left
    assert lab.place("100").finals == [200]
    counts = [len(g.calls) for g in gws]
    assert counts[3] == 16 and set(counts) <= {15, 16}
