"""history keeps the last transitions with their reasons, newest first, and no more."""
import time


def story(lab):
    began = time.time() * 1000
    lab.start(modparams='modparam("failover_route", "history_size", 6)')
    gw1, _gw2 = lab.gateways_named("gw1", "gw2")
    assert lab.history() == []
    gw1.reject(503)
    lab.place_many((100, 101, 102))
    lab.wait_health("gw1", "down")
    gw1.answer()
    lab.wait(lambda: lab.place("103") and lab.health("gw1") == "up", "gw1 is up")

    assert lab.steps("gw1") == [("up", "down"), ("down", "trial"), ("trial", "up")]
    told = lab.history()
    assert {t["set"] for t in told} == {"carriers"} and all(t["reason"] for t in told)
    assert told[-1]["source"] == "traffic" and "503" in told[-1]["reason"]
    times = [t["time"] for t in lab.history()]
    assert times == sorted(times, reverse=True)
    assert began - 2000 < times[-1] <= times[0] <= time.time() * 1000 + 2000

    for _ in range(4):
        lab.rpc("failover_route.set_health", "carriers", "gw2", "down")
        lab.rpc("failover_route.set_health", "carriers", "gw2", "up")
    assert len(lab.history()) == 6
    newest = lab.rpc("failover_route.history", "carriers", 2)["transitions"]
    assert newest == lab.history()[:2]
    assert lab.steps("gw2")[-1] == ("down", "up")
    assert lab.fault("failover_route.history", "nobody").code == 404
    assert "gw2" in lab.kamcmd("failover_route.history")
