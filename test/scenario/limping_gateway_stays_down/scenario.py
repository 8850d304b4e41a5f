"""An OPTIONS 200 never clears what live calls showed.

Peers row 4: dispatcher re-enables a gateway that answers pings and refuses every
INVITE, and sends it every call again. Here it stays down; only a single trial call
after each hold, and the holds double.
"""

LIMIT = 120


def story(lab):
    lab.start()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.limp(503)

    load = lab.load(rate=20, seconds=12, users=range(1000, 1100)).wait()
    assert (load.placed, load.connected, load.failed) == (240, 240, 0), load.errors

    # fall=3 calls, then trials after about 1, 2 and 4 s; at 20 a second calls cross, and more
    # do where the machine stands still; pings would have brought it nearly all
    assert 4 <= len(gw1.calls) <= 60
    assert len(gw2.calls) == 240
    assert len(gw1.options) >= 5  # and it answered every one of them
    told = lab.dst("gw1")
    assert told["health"] in ("down", "trial") and told["sources"] == ["traffic"]
    assert told["ok"] == 0
    steps = lab.steps("gw1")
    assert steps[0] == ("up", "down")
    assert ("down", "trial") in steps and ("trial", "down") in steps
    assert not [s for s in steps if s[1] in ("up", "ramp")]

    # nor does what else it answers: its trial stays a call's
    gw1.mode = lambda r: [(0, 503 if r.method == "INVITE" else 200, None)]
    lab.wait_health("gw1", "trial", limit=40)
    for _ in range(5):
        assert lab.place("100", method="MESSAGE").finals == [200]
    assert gw1.count("MESSAGE") == 5 and lab.health("gw1") == "trial"
    assert lab.dst("gw1")["sources"] == ["traffic"]

    gw1.answer()  # once calls go through again, it is back
    lab.wait(lambda: lab.place("100") and lab.health("gw1") == "up", "gw1 is up", limit=40)
