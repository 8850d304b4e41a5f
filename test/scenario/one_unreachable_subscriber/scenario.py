"""One subscriber whose phone is off must not take a trunk down.

Twelve calls to the same user end in silence or 480 at each gateway, one after the
other with no good call between. All destinations stay up, and others' calls go through
the first (design section 6: two different called users).
"""


def story(lab):
    lab.start()
    gws = lab.gateways_named("gw1", "gw2", "gw3")
    for gw in gws:
        gw.mode = lambda r: [] if r.user == "555" else [(0, 180, None), (0.03, 200, None)]
    for _ in range(4):
        lab.place("555", expect=408)
    for gw in gws:
        gw.mode = lambda r: [(0, 480, None)] if r.user == "555" else [(0, 180, None),
                                                                      (0.03, 200, None)]
    for _ in range(8):
        lab.place("555", expect=480)
    for gw in gws:
        told = lab.dst(gw.name)
        assert (told["health"], told["failed"], told["timeouts"]) == ("up", 12, 4)
    lab.place_many(range(100, 105))
    assert len(gws[0].calls) == 17 and len(gws[1].calls) == 12
    assert lab.history() == []

    # not even together with one other user's single misfortune ...
    gws[0].reject(486)
    lab.place("101", expect=486)
    # ... but a second user who fails as well is evidence
    gws[0].reject(480)
    lab.place_many(("556", "557", "558"))
    lab.wait_health("gw1", "down")
