"""tm's timer ends many transactions at once: all of their XAVPs lie ready for the next calls.

What is not needed is given back while a few calls go on, all of it when none come.
"""
CALLS = 400
FEW = 150  # more than what stays while calls go on and what these calls use


def kept(lab):
    """Bytes of what lies ready for other calls, or is in use by one."""
    return lab.shm_bytes(asked_by="field_new")


def at_rest(lab):
    lab.wait(lambda: lab.rpc("tm.stats")["current"] == 0, "tm has no transaction", limit=40)


def story(lab):
    lab.gateway("gw1").answer()
    lab.start(listen="children=1\n", modparams='modparam("tm", "wt_timer", 2000)')
    lab.place("100")
    at_rest(lab)
    one = kept(lab)
    assert one > 0
    lab.load(rate=200, seconds=CALLS / 200).wait()
    at_rest(lab)
    assert kept(lab) > 2 * FEW * one, "not kept"

    def fewer():
        lab.place("101")
        return kept(lab) < FEW * one

    lab.wait(fewer, "the others are given back", limit=60)
    assert kept(lab) > 2 * one, "all given back while calls go on"
    lab.wait(lambda: kept(lab) == 0, "all are given back", limit=60)
