"""The better tier is well again, but calls go back only after the delay.

Unless there is nowhere else: then the delay does not count (design section 7).
"""


def away(lab, dst):
    """For how long it was down before its trial, in seconds."""
    lab.wait(lambda: lab.steps(dst)[-1:] == [("down", "trial")], "its trial is told")
    times = {t["to"]: t["time"] for t in reversed(lab.history()) if t["destination"] == dst}
    return (times["trial"] - times["down"]) / 1000


def story(lab):
    lab.start()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.reject(503)
    lab.place_many((100, 101, 102))
    lab.wait_health("gw1", "down")
    gw1.answer()
    lab.wait_health("gw1", "trial", limit=20)
    assert away(lab, "gw1") > 5.5  # 1 s hold and 5 s delay
    lab.place("103")
    lab.wait_health("gw1", "up")

    gw1.reject(503), gw2.reject(503)
    for user in range(200, 203):
        lab.place(str(user), expect=500)
    lab.wait_health("gw2", "trial", limit=20)
    assert away(lab, "gw2") < 4.5
