"""Weights 70, 20 and 10 give those shares of the calls, and a lower tier none.

RFC 2782: by weight among the lowest priority number only. When the heavy one is out
the other two share 2:1; peers row 8 (dispatcher quantises to 100 slots).
"""


def shares(lab, gws, count):
    for gw in gws:
        gw.clear()
    load = lab.load(rate=300, seconds=count / 300, users=range(1000, 1100), method="MESSAGE").wait()
    assert (load.placed, load.connected) == (count, count), load.errors
    return [gw.count("MESSAGE") / count for gw in gws]


def story(lab):
    lab.start()
    gws = lab.gateways_named("gw1", "gw2", "gw3", "gw4")
    found = shares(lab, gws, 3000)  # five standard deviations are 4.2 %, 3.7 %, 2.8 %
    assert abs(found[0] - 0.70) < 0.042 and abs(found[1] - 0.20) < 0.037
    assert abs(found[2] - 0.10) < 0.028 and found[3] == 0
    assert [lab.dst(g)["effective_weight"] for g in ("gw1", "gw2", "gw3")] == [70, 20, 10]

    lab.rpc("failover_route.set_admin", "carriers", "gw1", "drain")
    found = shares(lab, gws, 1500)
    assert found[0] == 0 and found[3] == 0
    assert abs(found[1] - 2 / 3) < 0.061

    # after a failure the next is drawn by weight as well, among those not tried
    lab.rpc("failover_route.set_admin", "carriers", "gw1", "ready")
    gws[0].mode = lambda r: [(0, 500, None)]  # next, and no evidence
    found = shares(lab, gws, 1500)
    assert abs(found[0] - 0.7) < 0.06
    assert abs(found[1] - (0.2 + 0.7 * 2 / 3)) < 0.061
    assert abs(found[2] - (0.1 + 0.7 * 1 / 3)) < 0.061
