"""etc/kamailio-lua.cfg as it is: the whole routing in Lua, with failover both ways.

INVITE by frt_relay, MESSAGE in steps; events reach the callback.
"""
from pathlib import Path

from lib import forged


def counts(*gateways):
    """INVITEs and MESSAGEs of each."""
    return [(len(g.calls), len({r.call_id for r in g.requests if r.method == "MESSAGE"}))
            for g in gateways]


def story(lab):
    lab.kamailio.rpc.ctl_socket = lab.work / "kamailio_ctl"
    lab.start(module_folder=str(Path(lab.variables["module_file"]).parent))
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")

    assert lab.place("100").codes == [180, 200]
    lab.place("100", method="MESSAGE")
    lab.place("100", source=gw1.host, expect=403)
    assert counts(gw1, gw2, gw3) == [(1, 1), (0, 0), (0, 0)]

    gw1.reject(503)
    gw2.deaf()
    assert lab.place("101").finals == [200]
    lab.place("102", method="MESSAGE")
    assert counts(gw1, gw2, gw3) == [(2, 2), (1, 1), (1, 1)]

    gw1.reject(486)
    assert lab.place("103", expect=486).finals == [486]
    assert lab.place("104", method="MESSAGE", expect=486).finals == [486]
    lab.log.wait_for("ends: gw1:486")
    assert counts(gw2) == [(1, 1)]

    gw1.ringing()
    call = lab.call("105")
    call.wait_code(180)
    assert call.cancel() == 200 and call.wait_final() == 487

    forged.refused(lab, lab.gateway("gw9"), 404)

    lab.kamcmd("failover_route.set_health", "carriers", "gw1", "down")
    lab.log.wait_for("failover_route:dst-down carriers/gw1: set down by the operator")
    lab.kamcmd("failover_route.set_admin", "carriers", "*", "maint")
    lab.allow_log("no destination for ")
    assert lab.place("106", expect=500).finals == [500]
