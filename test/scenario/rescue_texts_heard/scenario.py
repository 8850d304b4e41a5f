"""A text whose 180 comes while it is being moved stays where it is, and is not timed out.

A call's timer is set anew by its first 18x; of other requests it is not, and the rescuer has
set it to fire at once. The 180s come one by one around that moment: each text has one
outcome, and none of them is a time-out.
"""
CALLS = 30


def story(lab):
    lab.start()
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    timeouts = 0
    for n in range(4):
        gw1.deaf()
        gw1.clear(), gw2.clear()
        texts = [lab.call(str(1000 * (n + 1) + i), method="MESSAGE") for i in range(CALLS)]
        lab.wait(lambda: len(gw1.requests) >= CALLS, "all texts are at gw1")
        waiting = [r for r in gw1.requests if not r.retransmission]
        before = lab.dst("gw1")
        for i, request in enumerate(waiting):
            gw1.respond_later(0.004 * i, request, 180)
            gw1.respond_later(0.6, request, 200)
        lab.rpc("failover_route.set_health", "carriers", "gw1", "down")
        for text in texts:
            assert text.wait_final() == 200 and text.finals == [200]
            text.close()
        told = lab.dst("gw1")
        timeouts += told["timeouts"] - before["timeouts"]
        moved = told["rescued"] - before["rescued"]
        assert len([r for r in gw2.requests if not r.retransmission]) == moved, (moved, told)
        lab.rpc("failover_route.set_health", "carriers", "gw1", "up")
    assert timeouts == 0
