"""add, remove and set_weight of a table with rules of the set before those of the defaults, and
with test calls; what one set is like is nothing to an edit of another. And what was removed at
run time comes back if the file has left nothing else.
"""


def story(lab):
    lab.start()
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    lab.rpc("failover_route.set_weight", "carriers", "gw1", 5)
    assert lab.dst("gw1")["weight"] == 5
    lab.rpc("failover_route.add", "called", "gw9", "sip:192.0.2.9")
    lab.rpc("failover_route.remove", "called", "gw9")
    lab.rpc("failover_route.set_weight", "called", "gw3", 7)
    lab.rpc("failover_route.remove", "carriers", "gw1")
    gw2.reject(503)  # the set's own rule still counts
    lab.place("100", expect=500)
    assert len(gw2.calls) == 1 and lab.dst("gw2")["failed"] == 0
    gw2.answer()

    lab.edit_xml(('<destination id="gw2" uri="sip:${gw2}" priority="2"/>', ""))
    told = lab.rpc("failover_route.reload")
    assert any("gw1" in w and "was removed" in w for w in told["warnings"]), told
    assert [d["id"] for d in lab.set()["destinations"]] == ["gw1"]
    lab.place("101")
    assert gw1.users == ["101"]
    lab.restart()
    lab.place("102")
    assert gw1.users == ["101", "102"]
    lab.rpc("failover_route.set_weight", "called", "gw3", 8)
