"""A call that an operator cancels (tm.cancel) goes nowhere else, and nobody is to blame.

While its destination is silent, has said 100 and ends nothing, or refuses just then: it was
a failure like any other, and the next phone rang for a call that was to end.
"""


def cancelled(lab, gw, user):
    call = lab.call(user)
    lab.wait(lambda: user in gw.users, "the INVITE")
    lab.kamcmd("tm.cancel", call.call_id, "s:1")
    return call


def story(lab):
    # with 1, the default, a later 6.0 or 6.1 leaves no trace of it where all is silent
    lab.start(modparams='modparam("tm", "cancel_b_method", 2)')
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.honours_cancel = False
    gw1.deaf()
    assert cancelled(lab, gw1, "100").wait_final() == 408
    gw1.trying()
    assert cancelled(lab, gw1, "101").wait_final() == 408
    before = len(gw1.cancels)
    call = cancelled(lab, gw1, "102")
    lab.wait(lambda: len(gw1.cancels) > before, "the CANCEL")
    gw1.respond_later(0, gw1.calls[-1], 503)
    assert call.wait_final() == 500 and gw2.calls == []
    told = lab.dst("gw1")
    assert [told[n] for n in ("attempts", "failed", "timeouts", "failovers")] == [3, 0, 0, 0]

    # a 487 is what the policy says of it: here, that the script cancels what is to move on
    gw1.honours_cancel = True
    gw1.trying()
    assert cancelled(lab, gw1, "103").wait_final() == 200 and gw2.users == ["103"]
