"""A 503 from the first tier sends the call to the second, and the caller never knows.

RFC 3263 section 4.3 and the row "503" of design section 6: next, strong fail. One
failure takes nothing down.
"""


def story(lab):
    lab.start()
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    gw1.reject(503)

    call = lab.place("100")
    assert call.codes == [180, 200] and call.finals == [200]
    assert call.pdd_ms < 7500  # a reply fails over at once, no timer
    assert [len(g.calls) for g in (gw1, gw2, gw3)] == [1, 1, 0]
    assert len(gw1.acks) == 1 and gw1.acks[0].branch == gw1.calls[0].branch  # RFC 3263 4.4
    assert len(gw2.byes) == 1 and gw1.byes == []

    first, second = lab.dst("gw1"), lab.dst("gw2")
    assert (first["attempts"], first["ok"], first["failed"], first["failovers"]) == (1, 0, 1, 1)
    assert (second["attempts"], second["ok"], second["failed"]) == (1, 1, 0)
    assert first["health"] == "up" and first["timeouts"] == 0

    gw2.reject(503)  # two in a row
    call = lab.place("101")
    assert call.finals == [200] and len(gw3.calls) == 1

    gw1.reject(504)  # and the weak ones
    gw2.reject(480)
    assert lab.place("102").finals == [200]
    gw1.reject(408)
    gw2.reject(500)
    assert lab.place("103").finals == [200]
    assert len(gw3.calls) == 3
