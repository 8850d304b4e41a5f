"""round-robin takes turns, exactly and smoothly: 2:1:1 is never gw1 three times running.

With one out of the round the others go on taking turns, and a failed attempt goes to
another of the round.
"""


def order(gws):
    arrivals = sorted((r.time, gw.name) for gw in gws for r in gw.requests
                      if r.method == "MESSAGE" and not r.retransmission)
    return [name for _t, name in arrivals]


def text_many(lab, count):
    for n in range(count):
        lab.place(str(100 + n), method="MESSAGE")


def story(lab):
    lab.start()
    gws = lab.gateways_named("gw1", "gw2", "gw3")
    text_many(lab, 40)
    names = order(gws)
    assert [names.count(g) for g in ("gw1", "gw2", "gw3")] == [20, 10, 10]
    for n in range(0, 40, 4):
        assert sorted(names[n:n + 4]) == ["gw1", "gw1", "gw2", "gw3"]
    assert "gw1 gw1 gw1" not in " ".join(names)

    for gw in gws:
        gw.clear()
    lab.rpc("failover_route.set_admin", "carriers", "gw1", "drain")
    text_many(lab, 20)
    names = order(gws)
    assert [names.count(g) for g in ("gw1", "gw2", "gw3")] == [0, 10, 10]
    assert all(a != b for a, b in zip(names, names[1:]))

    gws[1].reject(500)
    for gw in gws:
        gw.clear()
    text_many(lab, 10)
    assert gws[2].count("MESSAGE") == 10 and gws[0].count("MESSAGE") == 0
