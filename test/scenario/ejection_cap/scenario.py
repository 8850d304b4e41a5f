"""Live calls may take down half of a tier at most, when there is nowhere else to go.

max-eject (design section 7): all four gateways of the only tier refuse some calls; two go
down, the others stay in service, because an overloaded tier must not eject itself. With a
later tier that can take the calls there is no such limit.
"""


def story(lab):
    lab.start()
    gws = lab.gateways_named("gw1", "gw2", "gw3", "gw4")
    for gw in gws:
        gw.reject(503)
    for user in range(200, 240):
        lab.call(str(user), method="MESSAGE").wait_final()
    health = [lab.health(f"gw{n}") for n in (1, 2, 3, 4)]
    assert sorted(health) == ["down", "down", "up", "up"]
    assert lab.log.count("carriers down") == 0
    why = [d["why"] for d in lab.explain()["destinations"] if d["usable"]]
    assert len(why) == 2 and all("max-eject keeps it in use" in w for w in why), why
    assert 'failover_route_set_spared{set="carriers"} 2' in lab.rpc("failover_route.metrics")

    lab.rpc("failover_route.add", "carriers", "gw5", f"sip:{lab.gateway('gw5').host}", 2)
    users = iter(range(300, 2000))  # the spared ones shed: few calls are left to find them out

    def all_down():
        lab.call(str(next(users)), method="MESSAGE").wait_final()
        return [lab.health(f"gw{n}") for n in (1, 2, 3, 4)] == ["down"] * 4
    lab.wait(all_down, "the whole tier is down", limit=60)
