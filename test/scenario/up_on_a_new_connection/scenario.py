"""The operator says "up" of a gateway without probes whose connection has gone dead: the call that
tries it goes out on a new connection, not on the one on which others have waited in vain. One whose
connection lives keeps it.
"""


def channels(gateway):
    return {id(r.channel) for r in gateway.requests}


def up(lab, operator):
    lab.wait_health("gw1", "down")
    operator("failover_route.set_health", "carriers", "gw1", "up")
    assert lab.health("gw1") == "trial"


def story(lab):
    lab.start()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.reject(503)
    lab.place_many((100, 101, 102))
    living = channels(gw1)
    assert len(living) == 1
    up(lab, lab.rpc)
    gw1.answer()
    lab.place("103")
    assert gw1.users[-1] == "103" and channels(gw1) == living
    lab.wait_health("gw1", "up")

    dead = set()
    gw1.filter = lambda msg, channel: id(channel) not in dead
    for n, operator in ((200, lab.rpc), (300, lab.kamcmd)):  # a worker of TCP, and ctl's process
        dead |= channels(gw1)
        lab.place_many((n, n + 1, n + 2))
        assert gw2.users[-3:] == [str(n), str(n + 1), str(n + 2)]
        up(lab, operator)
        lab.place(n + 3)
        assert gw1.users[-1] == str(n + 3) and gw2.users[-1] == str(n + 2)
        lab.wait_health("gw1", "up")
