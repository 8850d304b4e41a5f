"""hash sends a key to the same destination; a lost one moves only its own keys.

Peers row 7: dispatcher gives a dead destination's whole share to one neighbour. Here
its keys spread over all the others, nobody else's moves, and they come back with it.
"""

KEYS = range(1000, 1200)
RELAY = 'if (!frt_relay("carriers", "$rU")) send_reply("500", "None");'


def where(lab, gws):
    """{key: gateway} from one MESSAGE to each key."""
    for gw in gws:
        gw.clear()
    load = lab.load(rate=200, seconds=1, users=KEYS, method="MESSAGE").wait()
    assert load.connected == len(KEYS), load.errors
    return {r.user: gw.name for gw in gws for r in gw.requests if r.method == "MESSAGE"}


def story(lab):
    lab.start(relay=RELAY)
    gws = lab.gateways_named("gw1", "gw2", "gw3", "gw4")
    home = where(lab, gws)
    assert len(home) == 200 and where(lab, gws) == home
    shares = [list(home.values()).count(gw.name) for gw in gws]
    assert min(shares) > 20  # 50 each, give or take five deviations
    assert lab.explain("carriers", "1042")["choice"] == home["1042"]

    lab.rpc("failover_route.set_health", "carriers", "gw2", "down")
    moved = where(lab, gws)
    assert {k: g for k, g in moved.items() if home[k] != "gw2"} == \
        {k: g for k, g in home.items() if g != "gw2"}
    orphans = [moved[k] for k in moved if home[k] == "gw2"]
    assert {g: orphans.count(g) > 2 for g in ("gw1", "gw3", "gw4")} == \
        {"gw1": True, "gw3": True, "gw4": True}

    lab.rpc("failover_route.reload")
    assert where(lab, gws) == moved
    lab.rpc("failover_route.set_health", "carriers", "gw2", "up")
    assert where(lab, gws) == home
    lab.restart()
    assert where(lab, gws) == home  # and not by chance of a process

    # a new destination takes keys from all and moves none between the old ones
    lab.edit_xml(('<destination id="gw4"', '<destination id="gw5" uri="sip:${gw5}"/>\n'
                  '    <destination id="gw4"'))
    lab.rpc("failover_route.reload")
    gw5 = lab.gateway("gw5")
    grown = where(lab, [*gws, gw5])
    taken = [k for k in grown if grown[k] == "gw5"]
    assert 15 < len(taken) < 80
    assert {k: g for k, g in grown.items() if g != "gw5"} == \
        {k: g for k, g in home.items() if k not in taken}
