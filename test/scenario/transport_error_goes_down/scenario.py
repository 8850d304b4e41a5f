"""A refused connection needs no second witness: three of one user's calls are enough.

No subscriber can make a TCP connection be refused, so the rule of two called users
does not apply to transport errors (design section 6).
"""


def story(lab):
    lab.start()
    lab.allow_refused()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.close()

    lab.place_many((100, 100))
    assert lab.health("gw1") == "up"
    lab.place("100")
    told = lab.wait_health("gw1", "down")
    assert told["sources"] == ["traffic"]
    assert (told["attempts"], told["failed"], told["timeouts"]) == (3, 3, 0)

    gw1.open()  # on hold: not used although it would answer
    lab.place_many((100, 101, 102))
    assert gw1.requests == [] and len(gw2.calls) == 6
