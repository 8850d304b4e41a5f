"""A shadow set logs what it would do, and does nothing of it.

So an operator can watch a policy on live traffic before trusting it (design section 7).
"""


def story(lab):
    lab.start()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.reject(503)
    lab.place_many(range(100, 106))
    line = lab.log.wait_for("carriers/gw1 down: ")
    assert "shadow: not acted on" in line
    assert lab.health("gw1") == "down"
    assert len(gw1.calls) == 6 and len(gw2.calls) == 6  # each call still tries it first
    lab.rpc("failover_route.set_admin", "carriers", "gw1", "drain")  # the operator's word counts
    lab.place("106")
    assert len(gw1.calls) == 6 and len(gw2.calls) == 7
