"""Every change reaches the script: each event route with its $frt(event.*) values.

dst-down, set-down, dst-up, set-up, failover, failback and reload, from traffic and
from RPC, each exactly once (design section 11; peers row 15). One with a mistyped name, which
would never run, is told at the start.
"""

KINDS = ("dst-down", "dst-up", "set-down", "set-up", "failover", "failback", "reload")
ROUTES = "\n".join(f'''event_route[failover_route:{kind}] {{
	xlog("L_NOTICE", "EV {kind} set=$frt(event.set) dst=$frt(event.destination) "
		"uri=$frt(event.uri) $frt(event.from)->$frt(event.to) by=$frt(event.source) "
		"why=$frt(event.reason)\\n");
}}''' for kind in KINDS)


def events(lab, kind):
    return lab.log.count(f"EV {kind} ")


def story(lab):
    lab.start(routes=ROUTES + "\nevent_route[failover_route:dst-dwn] { exit; }\n")
    lab.log.wait_for(r"WARNING: .*event_route\[failover_route:dst-dwn\]: there is no such event")
    assert lab.log.count("there is no such event") == 1
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.reject(503)

    lab.place("100")
    lab.log.wait_for("EV failover set=carriers ")
    assert events(lab, "failover") == 1 and events(lab, "dst-down") == 0
    lab.place_many((101, 102))
    lab.log.wait_for(rf"EV dst-down set=carriers dst=gw1 uri=sip:{gw1.host} up->down "
                     r"by=traffic why=.*3 consecutive")
    lab.wait(lambda: events(lab, "failover") == 3, "three failovers")
    assert events(lab, "set-down") == 0

    lab.rpc("failover_route.set_health", "carriers", "gw2", "down")
    lab.log.wait_for(rf"EV dst-down set=carriers dst=gw2 uri=sip:trunk:\*\*\*@{gw2.host} up->down by=admin")
    lab.log.wait_for("EV set-down set=carriers ")
    lab.place("103", expect=500) if lab.set()["health"] == "down" else None

    gw1.answer()
    lab.rpc("failover_route.set_health", "carriers", "gw2", "up")
    lab.log.wait_for("EV dst-up set=carriers dst=gw2 .*down->up by=admin")
    lab.log.wait_for("EV set-up set=carriers ")

    # gw1's hold ends, a trial call succeeds, the set is back on its best tier
    lab.wait(lambda: lab.place("104") and lab.health("gw1") == "up", "gw1 is up")
    lab.log.wait_for("EV dst-up set=carriers dst=gw1 ")
    lab.log.wait_for("EV failback set=carriers ")
    lab.rpc("failover_route.reload")
    lab.log.wait_for("EV reload ")
    lab.place("105")
    counts = {kind: events(lab, kind) for kind in KINDS}
    assert counts == {"dst-down": 2, "dst-up": 2, "set-down": 1, "set-up": 1, "failover": 3,
                      "failback": 1, "reload": 2}  # the load at start is the first

    # what is told goes to logs, history and webhooks: no password is in it
    assert lab.log.count("s3cr3t") == 0 and "s3cr3t" not in str(lab.history())
