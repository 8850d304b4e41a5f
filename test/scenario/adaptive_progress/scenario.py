"""What usually rings at once and now says 100 and nothing more is not waited for.

adaptive="yes" learns how long each destination takes to ring; nobody has set a
progress-timeout. A number that is slow wherever it is called gets through all the
same, and the last destination there is is never given up on a guess.
"""
LIMIT = 120


def story(lab):
    lab.start()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    lab.place_many(range(100, 110))
    lab.rpc("failover_route.set_admin", "carriers", "gw1", "drain")
    lab.place_many(range(110, 120))
    lab.rpc("failover_route.set_admin", "carriers", "gw1", "ready")
    assert (len(gw1.calls), len(gw2.calls)) == (10, 10)

    gw1.trying()
    call = lab.place("200")
    assert call.finals == [200] and 1800 <= call.pdd_ms < 6000
    lab.wait(lambda: len(gw1.cancels) == 1, "CANCEL to the one that only said 100")
    told = lab.dst("gw1")
    assert (told["failed"], told["timeouts"]) == (1, 1)

    # one that rings in time may ring on
    gw1.mode = lambda r: [(0, 180, None), (4.5, 200, None)]
    call = lab.place("250")
    assert call.codes == [180, 200] and call.final_ms >= 4400 and len(gw2.calls) == 11

    # slow everywhere: longer than what was learned at the first, in time at the second
    slow = [(0, 100, None), (2.6, 180, None), (2.7, 200, None)]
    gw1.trying()
    gw2.mode = lambda r: slow
    for _ in range(30):  # the silence above has made it patient: it learns anew
        gw1.answer()
        lab.place("300")
    gw1.trying()
    call = lab.place("301")
    assert call.finals == [200] and call.final_ms >= 4400

    # nowhere else: the first one's own time counts, not a guess
    lab.rpc("failover_route.set_health", "carriers", "gw2", "down")
    gw1.mode = lambda r: [(0, 100, None), (6.0, 180, None), (6.1, 200, None)]
    call = lab.place("400")
    assert call.codes == [180, 200] and call.final_ms >= 6000
