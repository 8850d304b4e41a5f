"""A gateway that falls silent gets no new calls before any timer has said so.

Three calls to different users wait where milliseconds are usual: the next ones go to the
other gateway at once, and explain says why. It is no verdict: nothing is logged, nobody is
moved, and as soon as one retransmission is answered calls go there again. A single user
who gets no answer there is nobody else's business.
"""


def story(lab):
    lab.start()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    lab.place_many(range(100, 112))
    assert len(gw1.calls) == 12

    def reach(msg, _):
        return msg.method != "INVITE"

    # one user, time and again
    gw1.filter = reach
    waiting = [lab.call("666") for _ in range(4)]
    lab.wait(lambda: lab.dst("gw1")["calls"] == 4, "four calls to one user wait")
    assert lab.explain()["choice"] == "gw1"

    # and others
    waiting.append(lab.call("201"))
    lab.wait(lambda: lab.explain()["choice"] == "gw2", "new calls are to pass it over")
    why = lab.explain()["destinations"][0]["why"]
    assert "passed over for the moment" in why, why
    for call in lab.place_many(range(300, 310)):
        assert call.pdd_ms < 3000
    assert len(gw2.calls) == 10
    assert lab.dst("gw1")["health"] == "up" and lab.dst("gw1")["calls"] == 5

    # what was sent again arrives: the line is back, and so are the calls
    gw1.filter = None
    for call in waiting:
        assert call.wait_final(40) == 200
        call.bye()
    lab.place("400")
    assert len(gw2.calls) == 10 and "400" in gw1.users
    told = lab.dst("gw1")
    assert told["health"] == "up" and told["failed"] == 0 and lab.steps("gw1") == []
    assert 'avoided_total{set="carriers",destination="gw1"} 10' \
        in lab.rpc("failover_route.metrics")
