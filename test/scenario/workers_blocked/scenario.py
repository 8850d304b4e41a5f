"""A script that keeps all UDP workers waiting, as for a database that hangs, takes no destination
down: answers to calls and probes lie unread for longer than they are waited for.
"""
RELAY = '''if ($rU == "900") sleep("6");
	if (!frt_relay("carriers")) send_reply("500", "No destination");'''


def story(lab):
    lab.start(modules=["cfgutils"], relay=RELAY)
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    for gw in (gw1, gw2):
        gw.mode = lambda request: [(0.4, 200, None)]
    lab.place_many(range(100, 104))
    calls = [lab.call(str(200 + n)) for n in range(20)]
    lab.wait(lambda: len(gw1.calls) + len(gw2.calls) == 24, "all are on their way", step=0)
    calls += [lab.call("900"), lab.call("900")]  # a worker each
    for call in calls:
        call.wait_final(40)
    # some have waited twice as long as they may, and count as moved on
    told = lab.set()["destinations"]
    assert sum(d["failovers"] for d in told) > 0, told
    assert [(d["health"], d["failed"], d["timeouts"]) for d in told] == [("up", 0, 0)] * 2, told
    assert lab.history() == []

    # one that is silent indeed goes down
    gw1.blackhole()
    lab.place_many(range(300, 306))
    assert lab.wait_health("gw1", "down")["timeouts"] > 0
