"""When every destination says 503 the caller gets 500, once.

A 503 would tell the caller's proxy that we are down; RFC 3261 section 16.7 step 6
forbids to forward it.
"""


def story(lab):
    lab.start()
    gws = lab.gateways_named("gw1", "gw2", "gw3")
    for gw in gws:
        gw.reject(503)
    call = lab.place("100", expect=500, method="MESSAGE")
    assert call.finals == [500]
    assert [g.count("MESSAGE") for g in gws] == [1, 1, 1]

    for gw in gws:
        gw.reject(503, {"Retry-After": "60"})
    call = lab.place("100", expect=500)
    assert call.finals == [500] and call.final.get("retry-after") == ""
    assert [len(g.calls) for g in gws] == [1, 1, 1]

    # now nothing is usable at all, and that is a 500 as well
    assert lab.place("100", expect=500).finals == [500]
    assert [len(g.calls) for g in gws] == [1, 1, 1]
