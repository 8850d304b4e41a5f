"""A gateway that fails now and then stays up; one that fails half of its calls does not.

A success breaks the row of failures, and fails older than the window count no more.
With at least fall fails that are at least half of the attempts it goes down.
"""
import time


def story(lab):
    lab.start()
    gw1, _gw2 = lab.gateways_named("gw1", "gw2")

    gw1.mode = lambda r: [(0, 503, None)] if r.user[-1] in "05" else [(0, 180, None),
                                                                    (0.03, 200, None)]
    lab.place_many(range(100, 130))  # 6 of 30 fail, never two in a row
    told = lab.dst("gw1")
    assert (told["health"], told["attempts"], told["failed"]) == ("up", 30, 6)

    time.sleep(3.5)  # the window passes
    gw1.reject(503)
    lab.place_many((200, 201))
    time.sleep(3.5)
    lab.place_many((202, 203))
    assert lab.health("gw1") == "up"  # two here, two there: never three in a window

    time.sleep(3.5)
    gw1.mode = lambda r: [(0, 480, None)] if r.user in ("300", "302", "304") \
        else [(0, 180, None), (0.03, 200, None)]
    lab.place_many(range(300, 305))  # 480, 200, 480, 200, 480: three of five
    told = lab.wait_health("gw1", "down")
    assert told["sources"] == ["traffic"] and told["failed"] == 13
