"""Without the right to open a raw socket closed ports are silence, and the log says so.

As where systemd starts Kamailio as a user without CAP_NET_RAW. Calls to a closed UDP port
wait for the try-timeout and then go on; probes and everything else work.
"""


def story(lab):
    lab.start(without=("net_raw",))
    line = lab.log.wait_for("no raw ICMP socket")
    assert "NOTICE" in line and "CAP_NET_RAW" in line
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.close()
    for user in ("100", "101", "102"):
        call = lab.place(user)
        assert call.finals == [200] and call.pdd_ms > 500
    told = lab.wait_health("gw1", "down")
    assert (told["timeouts"], told["failed"]) == (3, 3)
    assert "timeouts" in told["reason"] and len(gw2.calls) == 3
    lab.edit_xml(('<probe enabled="no"/>',
                  '<probe interval="30s" fast-interval="200ms" timeout="300ms" fall="2"/>'))
    lab.rpc("failover_route.reload")
    lab.rpc("failover_route.probe", "carriers", "gw1")
    lab.wait(lambda: "probe" in lab.dst("gw1")["sources"], "probes find it closed, too")
