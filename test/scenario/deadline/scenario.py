"""No new attempt is begun later than the deadline, however many are allowed.

Five silent gateways at two seconds each and a deadline of 5 s: three are tried, and
the caller is told 408 instead of being kept for ten seconds.
"""


def story(lab):
    lab.start()
    gws = lab.gateways_named("gw1", "gw2", "gw3", "gw4", "gw5")
    for gw in gws:
        gw.blackhole()
    call = lab.place("100", expect=408)
    assert call.finals == [408] and 4700 <= call.final_ms < 9000
    assert [len(g.calls) for g in gws] == [1, 1, 1, 0, 0]

    gws[2].answer()
    call = lab.place("100")  # still in time
    assert call.finals == [200] and 3700 <= call.pdd_ms < 5400
    assert [len(g.calls) for g in gws] == [2, 2, 2, 0, 0]

    # What two others left it was a second: that shows nothing of the third.
    gws[2].blackhole()
    assert lab.place("100", expect=408).finals == [408]
    listed = {d["id"]: d for d in lab.rpc("failover_route.list")["sets"][0]["destinations"]}
    assert [listed[g]["failed"] for g in ("gw1", "gw2", "gw3")] == [3, 3, 0], listed
    assert listed["gw3"]["attempts"] == 3 and listed["gw3"]["ok"] == 1, listed["gw3"]
