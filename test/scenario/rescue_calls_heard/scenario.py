"""A call whose 183 comes while it is being moved stays where it is, and is not timed out, however
long the onreply_route takes: tm sets its timer anew only after that.
"""
CALLS = 24


def story(lab):
    lab.start(modules=["cfgutils"], listen="children=8\n",
              routes='''onreply_route[SLOW] { if (status == "183") usleep("100000"); }''',
              relay='t_on_reply("SLOW"); if (!frt_relay("carriers")) send_reply("500", "None");')
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    timeouts = stayed = 0
    for n in range(6):
        gw1.deaf()
        gw1.clear(), gw2.clear()
        calls = [lab.call(str(1000 * (n + 1) + i)) for i in range(CALLS)]
        lab.wait(lambda: len(gw1.requests) >= CALLS, "all calls are at gw1")
        waiting = [r for r in gw1.requests if not r.retransmission]
        before = lab.dst("gw1")
        for i, request in enumerate(waiting):
            gw1.respond_later(0.004 * i, request, 183)
            gw1.respond_later(1.2, request, 200)
        lab.rpc("failover_route.set_health", "carriers", "gw1", "down")
        for call in calls:
            assert call.wait_final() == 200 and call.finals == [200], call.codes
        told = lab.dst("gw1")
        timeouts += told["timeouts"] - before["timeouts"]
        stayed += CALLS - (told["rescued"] - before["rescued"])
        for call in calls:
            assert call.bye() == 200
        lab.rpc("failover_route.set_health", "carriers", "gw1", "up")
    assert timeouts == 0 and stayed > 0
