"""A 100 or 180 to a MESSAGE that comes when its branch has timed out: nothing to cancel.

tm would build a CANCEL for it, and log three errors; the story fails on any.
"""


def story(lab):
    lab.start()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.mode = lambda r: [(2.5, 100, None), (2.6, 180, None)]
    for user in ("100", "101", "102"):
        lab.place(user, method="MESSAGE")
    assert len(gw2.requests) == 3
    lab.wait(lambda: lab.rpc("tm.stats")["waiting"] == 0, "what is late has come", limit=30)
    assert [r.method for r in gw1.requests if r.method == "CANCEL"] == []
