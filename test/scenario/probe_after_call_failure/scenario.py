"""A call that fails makes the module ask the gateway at once, not in five minutes.

interval is 300 s; after one silent call the probes come at fast-interval and take the
gateway down, before a second call has to suffer (peers row 17: calls notice first).
"""
import time


def story(lab):
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    lab.start()
    time.sleep(0.5)
    early = len(gw1.options)  # whatever the start brought
    assert early <= 2

    gw1.blackhole()
    call = lab.place("100")
    failed = call.started + call.pdd_ms / 1000
    lab.wait(lambda: len(gw1.options) > early, "a probe")
    assert gw1.options[early].time - failed < 1.0
    lab.wait_health("gw1", "down", limit=10)
    assert len(gw1.options) >= early + 3
    assert lab.dst("gw1")["sources"] == ["probe"]  # one call proves nothing by itself
    assert len(gw1.calls) == 1

    quiet = len(gw2.options)
    lab.place_many((101, 102))
    time.sleep(1.0)
    assert len(gw2.options) == quiet  # a good call asks for no probe
