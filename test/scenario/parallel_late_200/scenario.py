"""Two telephones answer one call: the caller talks to the first, the second is hung up.

The second 200 crosses our CANCEL, or comes long after, when the transaction has gone; from
one that never gave a sign before, too. It gets its ACK and one BYE, and the caller never
sees it. So also when both answer in the same moment.
"""
import time


def ended(lab, gw, call):
    lab.wait(lambda: len([r for r in gw.byes if r.call_id == call.call_id]) == 1,
             f"the BYE to {gw.name}", limit=20)
    lab.wait(lambda: [r for r in gw.acks if r.call_id == call.call_id], "its ACK")


def story(lab):
    lab.start()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.mode = lambda r: [(0, 180, None), (0.2, 200, None)]
    gw2.honours_cancel = False

    plans = {"100": [(0, 180, None), (0.4, 200, None)],  # crosses the CANCEL
             "101": [(0.4, 200, None)],                  # never heard of a CANCEL
             "102": [(0, 100, None), (1.5, 200, None)],
             "103": [(0, 180, None), (8.0, 200, None)],  # the transaction is forgotten (5 s)
             "104": [(8.0, 200, None)]}
    gw2.mode = lambda r: plans[r.user]
    calls = [lab.call(user) for user in plans]
    for call in calls:
        assert call.wait_final() == 200 and gw1.host in call.final.get("contact")
    for call in calls:
        ended(lab, gw2, call)
    time.sleep(0.7)
    for call in calls:
        assert call.finals == [200] and call.requests == []
        assert len([r for r in gw2.byes if r.call_id == call.call_id]) == 1
        assert call.bye() == 200 and gw1.byes[-1].call_id == call.call_id
    told = lab.dst("gw2")
    assert (told["failed"], told["timeouts"], told["calls"]) == (0, 0, 0) and told["late"] >= 3

    # both in the same moment, many times
    gw1.clear()
    gw2.clear()
    gw1.mode = gw2.mode = lambda r: [(0.05, 200, None)]
    calls = [lab.call(str(200 + i)) for i in range(60)]
    for call in calls:
        assert call.wait_final() == 200
    lab.wait(lambda: gw1.count("BYE") + gw2.count("BYE") == 60, "sixty answers hung up", limit=20)
    for call in calls:
        assert call.finals == [200] and call.requests == []
        assert call.bye() == 200
    assert gw1.count("BYE") + gw2.count("BYE") == 120
    assert lab.dst("gw1")["calls"] == lab.dst("gw2")["calls"] == 0

    # given up after its try-timeout while the other one rings on: its 200 is the answer still
    gw1.ringing()
    gw2.mode = lambda r: [(1.5, 200, None)]
    call = lab.call("300")
    assert call.wait_final() == 200 and gw2.host in call.final.get("contact")
    lab.wait(lambda: len(gw1.cancels) >= 1, "CANCEL to the one that rings")
    assert lab.dst("gw2")["timeouts"] == 1
    assert call.finals == [200] and call.bye() == 200
