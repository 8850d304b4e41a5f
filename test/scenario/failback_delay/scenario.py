"""The better tier is well again, but calls go back only after the delay.

Unless there is nowhere else: then the delay does not count (design section 7).
"""
import time


def story(lab):
    lab.start()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.reject(503)
    lab.place_many((100, 101, 102))
    lab.wait_health("gw1", "down")
    gw1.answer()
    fell = time.monotonic()
    lab.wait_health("gw1", "trial", limit=20)
    assert time.monotonic() - fell > 5.5  # 1 s hold and 5 s delay
    lab.place("103")
    lab.wait_health("gw1", "up")

    gw1.reject(503), gw2.reject(503)
    for user in range(200, 203):
        lab.place(str(user), expect=500)
    fell = time.monotonic()
    lab.wait_health("gw2", "trial", limit=20)
    assert time.monotonic() - fell < 4.5
