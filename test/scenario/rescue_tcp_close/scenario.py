"""A TCP connection that closes while calls wait on it takes none of them with it.

tm does not notice. The module does: the calls that wait for a first reply over that
connection go on at once, the close counts against the gateway once, and what is not on
that connection stays where it is.
"""
import time


def story(lab):
    lab.start()
    lab.allow_refused()
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    gw1.deaf()
    calls = [lab.call(str(100 + i)) for i in range(200)]
    gw1.wait_calls(200)
    assert {r.transport for r in gw1.calls} == {"tcp"}
    ringing = lab.call("200", uri=f"sip:200@{lab.slot.kam}")
    gw1.wait_calls(201)

    gw1.open()
    since = time.monotonic()
    gw1.close()
    for call in calls + [ringing]:
        assert call.wait_final() == 200
    spent = time.monotonic() - since
    assert spent < 6.0, spent
    assert len(gw2.calls) == 201 and gw3.requests == []
    for call in calls + [ringing]:
        assert call.finals == [200] and call.bye() == 200
    told = lab.dst("gw1")
    assert (told["attempts"], told["failovers"], told["rescued"]) == (201, 201, 201)
    assert (told["failed"], told["timeouts"], told["health"]) == (0, 0, "up")

    # a call that rings there stays, and so does one on another connection
    gw1.open()
    gw1.mode = lambda r: [(0, 180, None)]
    gw2.clear()
    rings = lab.call("300")
    rings.wait_code(180)
    gw1.close()
    time.sleep(1.0)
    assert rings.codes == [180] and gw2.requests == []
    assert rings.cancel() == 200
    lab.allow_log(r"ERROR")  # CANCEL has no connection left

    # twice more, and it is down by traffic: transport errors need no second witness
    for user in ("400", "401"):
        gw1.open()
        gw1.deaf()
        before = len(gw1.calls)
        call = lab.call(user)
        gw1.wait_calls(before + 1)
        gw1.close()
        assert call.wait_final() == 200 and call.final_ms < 6000
        call.bye()
    told = lab.wait_health("gw1", "down")
    assert told["sources"] == ["traffic"]
