"""etc/kamailio-minimal.cfg as it is: one frt_relay line, and calls fail over.

Calls, their BYE and re-INVITE, CANCEL, other methods; nothing usable gives 500.
"""
from pathlib import Path

from lib import forged


def story(lab):
    lab.kamailio.rpc.ctl_socket = lab.work / "kamailio_ctl"
    lab.start(module_folder=str(Path(lab.variables["module_file"]).parent))
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")

    call = lab.call("100")
    assert call.wait_final() == 200
    assert call.reinvite() == 200 and call.bye() == 200
    assert [len(g.calls) for g in (gw1, gw2, gw3)] == [1, 0, 0]

    gw1.reject(503)
    gw2.deaf()
    assert lab.place("101").codes == [180, 200]
    assert [len(g.calls) for g in (gw1, gw2, gw3)] == [2, 1, 1]
    gw1.reject(486)
    assert lab.place("102", expect=486).finals == [486]
    assert len(gw2.calls) == 1

    gw1.ringing()
    call = lab.call("103")
    call.wait_code(180)
    assert call.cancel() == 200 and call.wait_final() == 487
    assert len(gw2.calls) == 1

    gw1.answer()
    for method in ("MESSAGE", "REGISTER", "SUBSCRIBE"):
        lab.place("104", method=method)

    forged.refused(lab, lab.gateway("gw9"), 481)

    for name in ("gw1", "gw2", "gw3"):
        lab.kamcmd("failover_route.set_admin", "carriers", name, "maint")
    assert lab.place("105", expect=500).finals == [500]
    stray = lab.call("100", method="OPTIONS", headers={"Route": "<sip:203.0.113.1;lr>"})
    assert stray.wait_final() == 500
