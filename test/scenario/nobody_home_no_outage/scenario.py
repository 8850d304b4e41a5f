"""A call that all gateways answer with 480 has found nobody home; that is no lack of destinations.

exhausted_total counts the calls that were lost for want of a destination, and an alert goes by it:
not one for each phone that is off, wherever a set has fewer destinations than max-attempts.
"""


def exhausted(lab):
    return lab.metric("exhausted_total")


def story(lab):
    lab.start()
    gateways = lab.gateways_named("gw1", "gw2")
    for gateway in gateways:
        gateway.reject(480)
    for user in range(100, 105):
        assert lab.call(user).wait_final() == 480
    assert all(len(g.calls) == 5 for g in gateways) and exhausted(lab) == 0
    # nobody answers, or with a 503 only: lost, each once
    for gateway in gateways:
        gateway.reject(503)
    assert lab.call(200).wait_final() == 500 and exhausted(lab) == 1
    gateways[1].blackhole()
    assert lab.call(201).wait_final() in (408, 500) and exhausted(lab) == 2
    # one has been reached
    gateways[0].reject(480)
    lab.call(202).wait_final()
    assert exhausted(lab) == 2
    lab.rpc("failover_route.set_admin", "carriers", "*", "maint")
    assert lab.call(203).wait_final() == 500 and exhausted(lab) == 3
