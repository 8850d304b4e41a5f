"""A gateway that answers in milliseconds is not waited for 4 s when it falls silent.

adaptive="yes": after some answers the try-timeout follows the gateway's own times, within
try-timeout-min and try-timeout; the first calls still had the whole of it. What is no
INVITE has no 100: its answer may take as long as it takes, and says nothing of INVITEs.
"""


def story(lab):
    lab.start()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    lab.place_many(range(100, 112))
    assert len(gw1.calls) == 12
    gw1.mode = lambda r: ([(0, 180, None), (0.03, 200, None)] if r.method == "INVITE"
                          else [(1.3, 200, None)])
    slow = [lab.call(f"3{n}", method="MESSAGE") for n in range(5)]
    lab.wait(lambda: gw1.count("MESSAGE") == 5, "all five messages are there")
    lab.place("150")
    for message in slow:
        message.wait_final()
        assert message.finals == [200]
    assert gw2.requests == []
    gw1.deaf()
    call = lab.place("200")
    assert call.finals == [200] and 400 <= call.pdd_ms < 3800
    assert len(gw2.calls) == 1
    assert lab.dst("gw1")["timeouts"] == 1
