"""A gateway that answers in milliseconds is not waited for 4 s when it falls silent.

adaptive="yes": after some answers the try-timeout follows the gateway's own times, within
try-timeout-min and try-timeout; the first calls still had the whole of it.
"""


def story(lab):
    lab.start()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    lab.place_many(range(100, 112))
    assert len(gw1.calls) == 12
    gw1.deaf()
    call = lab.place("200")
    assert call.finals == [200] and 400 <= call.pdd_ms < 2000
    assert len(gw2.calls) == 1
    assert lab.dst("gw1")["timeouts"] == 1
