"""A gateway that answers OPTIONS with a code that SIP does not have is down, and says so; what
is known of all the others survives a restart.
"""


def story(lab):
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    gw1.ping_code = 999
    lab.start()
    lab.rpc("failover_route.set_admin", "carriers", "gw2", "drain")
    lab.wait_health("gw1", "down", limit=60)
    assert "999" in lab.dst("gw1")["reason"]
    lab.restart()
    assert lab.health("gw1") == "down" and "999" in lab.dst("gw1")["reason"]
    assert lab.dst("gw2")["admin"] == "drain"
    lab.place("100")
    assert len(gw3.calls) == 1
