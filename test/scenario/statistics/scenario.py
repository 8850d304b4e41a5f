"""Totals as Kamailio statistics, by kamcmd and $stat(); a reload takes nothing off them."""
import re


def stats(lab):
    told = lab.kamcmd("stats.get_statistics", "failover_route:")
    return {name: int(n) for name, n in re.findall(r"failover_route:frt_(\w+) = (\d+)", told)}


def story(lab):
    lab.start(relay='''if (!frt_relay("carriers")) send_reply("500", "No destination");
	xlog("L_NOTICE", "STAT $stat(frt_attempts) $stat(frt_destinations_up)\\n");''')
    gw1, gw2, _gw3, gw4 = lab.gateways_named("gw1", "gw2", "gw3", "gw4")
    now = stats(lab)
    assert (now["destinations"], now["destinations_up"], now["destinations_out"]) == (4, 4, 1)
    assert (now["sets"], now["sets_down"], now["sets_panic"], now["generation"]) == (2, 0, 0, 1)
    assert (now["attempts"], now["failovers"], now["calls"], now["events_lost"]) == (0, 0, 0, 0)

    lab.place("100")
    gw1.deaf()
    lab.place_many((101, 102, 103))
    lab.wait_health("gw1", "down")
    gw2.reject(486)
    lab.place("104", expect=486)
    now = stats(lab)
    assert (now["attempts"], now["ok"], now["failed"], now["timeouts"]) == (8, 5, 3, 3)
    assert (now["failovers"], now["transitions"], now["exhausted"]) == (3, 1, 0)
    assert (now["destinations_up"], now["destinations_down"], now["sets_down"]) == (3, 1, 0)
    assert lab.log.wait_for(r"STAT 8 3$")

    gw2.ringing()
    call = lab.call("105")
    call.wait_code(180)
    assert stats(lab)["calls"] == 1
    assert call.cancel() == 200 and call.wait_final() == 487
    lab.wait(lambda: stats(lab)["calls"] == 0, "no call in progress")
    assert stats(lab)["ignored"] == 1

    gw4.blackhole()
    lab.wait_health("gw4", "down", "probed")
    now = stats(lab)
    assert now["probes"] >= 2 and 2 <= now["probes_failed"] <= now["probes"]
    assert (now["sets_down"], now["sets_panic"], now["destinations_down"]) == (1, 1, 2)
    gw2.reject(503)
    lab.place("106", expect=500)
    assert stats(lab)["exhausted"] >= 1

    # what goes with a reload has been, all the same
    lab.edit_xml(('    <destination id="gw1" uri="sip:${gw1}" priority="1"/>\n', ""))
    lab.rpc("failover_route.reload")
    after = stats(lab)
    assert after["destinations"] == 3 and after["generation"] == 2
    assert after["attempts"] >= 9 and after["timeouts"] >= 3 and after["failovers"] >= 3
