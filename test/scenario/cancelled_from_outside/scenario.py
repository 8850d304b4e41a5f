"""A call that an operator cancels (tm.cancel) goes nowhere else, and nobody is to blame.

While its destination is silent, has said 100 and ends nothing, or refuses just then: it was
a failure like any other, and the next phone rang for a call that was to end.
"""

PLANS = ([], [(0, 100, None)], [(0, 100, None), (0.5, 503, None)])


def story(lab):
    lab.start()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.honours_cancel = False
    for user, plan in enumerate(PLANS, 100):
        gw1.mode = lambda r, p=plan: p
        call = lab.call(str(user))
        lab.wait(lambda u=str(user): u in gw1.users, "the INVITE")
        lab.kamcmd("tm.cancel", call.call_id, "s:1")
        call.wait_final()
        assert call.finals == [500 if (0.5, 503, None) in plan else 408]
    assert gw2.calls == [] and len(gw1.cancels) == 2
    told = lab.dst("gw1")
    assert [told[n] for n in ("attempts", "failed", "timeouts", "failovers")] == [3, 0, 0, 0]
