"""The next destination is chosen with the health it has then, not when the call began.

Peers row 3: ds_next_dst hands out a destination that was marked down after the
selection. Here gw2 goes down while the call waits on gw1, and gw3 gets the call.
"""


def story(lab):
    lab.start()
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    gw1.blackhole()
    call = lab.call("100")
    gw1.wait_calls(1)
    lab.rpc("failover_route.set_health", "carriers", "gw2", "down")
    assert call.wait_final() == 200
    assert [len(g.calls) for g in (gw1, gw2, gw3)] == [1, 0, 1]

    call = lab.call("100")  # and one that came back meanwhile is used
    gw1.wait_calls(2)
    lab.rpc("failover_route.set_health", "carriers", "gw2", "up")
    lab.rpc("failover_route.set_health", "carriers", "gw3", "down")
    assert call.wait_final() == 200
    assert [len(g.calls) for g in (gw1, gw2, gw3)] == [2, 1, 1]

    call = lab.call("100")  # a reload that takes the set's others away meanwhile
    gw1.wait_calls(3)
    lab.edit_xml(('id="gw2" uri="sip:${gw2}"', 'id="gw4" uri="sip:${gw4}"'))
    gw4 = lab.gateway("gw4")
    lab.rpc("failover_route.reload")
    assert call.wait_final() == 200
    assert [len(g.calls) for g in (gw1, gw2, gw3, gw4)] == [3, 1, 1, 1]
