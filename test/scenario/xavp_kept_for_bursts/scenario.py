"""tm's timer ends many transactions at once: all of their XAVPs lie ready for the next calls.

What is not needed is given back while a few calls go on, all of it when none come.
"""
CALLS = 400
FEW = 150  # more than what stays while calls go on and what these calls use


def story(lab):
    lab.gateway("gw1").answer()
    lab.start(listen="children=1\n", modparams='modparam("tm", "wt_timer", 2000)')
    lab.place("100")
    lab.wait_transactions(limit=40)
    one = lab.xavp_bytes()
    assert one > 0
    lab.load(rate=200, seconds=CALLS / 200).wait()
    lab.wait_transactions(limit=40)
    assert lab.xavp_bytes() > 2 * FEW * one, "not kept"

    def fewer():
        lab.place("101")
        return lab.xavp_bytes() < FEW * one

    lab.wait(fewer, "the others are given back", limit=60)
    assert lab.xavp_bytes() > 2 * one, "all given back while calls go on"
    lab.wait(lambda: lab.xavp_bytes() == 0, "all are given back", limit=60)
