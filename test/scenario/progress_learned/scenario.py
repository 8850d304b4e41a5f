"""With adaptive="yes" nobody has to find a progress-timeout: it is learned.

A gateway whose calls ring in milliseconds begins to say 100 and no more. Its calls go on
after progress-timeout-min, the least that is waited for ringing; new calls do not wait at
all, once three are stuck there; and then it is down. A phone that only takes long to be
answered rings on.
"""


def story(lab):
    lab.start()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    lab.place_many(range(100, 112))

    gw1.mode = lambda r: [(0, 100, None), (0.1, 180, None), (4, 200, None)]
    call = lab.place("200")
    assert call.codes == [180, 200] and len(gw2.calls) == 0

    gw1.trying()
    stuck = [lab.call(str(300 + i)) for i in range(3)]
    lab.wait(lambda: "passed over" in lab.explain()["destinations"][0]["why"],
             "new calls are to pass it over", step=0.01)
    call = lab.place("400")
    assert "400" in gw2.users and "400" not in gw1.users
    for call in stuck:
        assert call.wait_final(30) == 200 and 7500 <= call.pdd_ms < 25000
        call.bye()
    lab.wait_health("gw1", "down")
    lab.wait(lambda: len(gw1.cancels) == 3, "CANCEL for those that got a 100")
