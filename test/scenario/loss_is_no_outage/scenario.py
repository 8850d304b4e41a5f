"""A line that loses a fifth of what is sent over it takes no gateway down.

Twenty calls a second, with an adaptive timeout of one second. What is lost is sent again
after half a second and answered; a call goes elsewhere only when that was lost as well, or
while three in a row have had no answer. None is lost.
"""
import random


def story(lab):
    lab.start()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    lab.place_many(range(100, 112))
    dice = random.Random(5)
    gw1.filter = lambda msg, channel: msg.to_tag or dice.random() >= 0.2
    load = lab.load(rate=20, seconds=15, users=range(1000, 1200), hold=0)
    load.wait()
    assert (load.placed, load.connected, load.failed) == (300, 300, 0), load.errors
    told = lab.dst("gw1")
    assert told["health"] == "up" and lab.steps("gw1") == []
    assert told["ok"] > 200 and told["failed"] < 60, told
