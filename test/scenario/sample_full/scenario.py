"""etc/kamailio-full.cfg as it is: the script makes each step of the failover.

Only known addresses get in, whatever they claim to belong to; a refused TCP connection and a branch's own prefix; busy
and CANCEL stop; event routes tell; JSON-RPC and kamcmd answer.
"""
from pathlib import Path


def story(lab):
    lab.kamailio.rpc.ctl_socket = lab.work / "kamailio_ctl"
    lab.start(module_folder=str(Path(lab.variables["module_file"]).parent))
    gw1, gw2, gw3, gw4, own1, own2 = lab.gateways_named("gw1", "gw2", "gw3", "gw4", "gw5", "gw6")
    inside = {"source": own1.host}
    lab.allow_refused()
    lab.allow_log("t_forward_noack failed")  # tm, of a t_relay that the script goes on from

    # who is it?
    assert lab.place("100", expect=403).finals == [403]
    forged = {"uri": f"sip:100@{gw1.host}", "to": f"<sip:100@{gw1.host}>;tag=forged",
              "headers": {"Route": f"<sip:{lab.slot.kam};lr>"}}
    lab.call("100", method="ACK", **forged)
    for method in ("INVITE", "BYE", "MESSAGE"):
        lab.place("100", method=method, expect=403, **forged)
    assert not gw1.requests
    call = lab.call("100", **inside)
    assert call.wait_final() == 200 and call.reinvite() == 200
    assert gw1.hangup(gw1.calls[-1]).wait() == 200
    assert lab.place("100", source=gw1.host).codes == [180, 200]
    assert [len(g.calls) for g in (gw1, own1)] == [1, 1]
    assert lab.place("", method="OPTIONS", source=gw1.host, uri=f"sip:{lab.slot.kam}").finals \
        == [200]

    # the steps: 503, a refused connection, and the prefix of the third alone
    gw1.reject(503)
    gw2.close()
    assert lab.place("101", **inside).finals == [200]
    assert gw3.calls[-1].user == "99101"
    lab.log.wait_for("goes on to gw2, attempt 2: gw1:503>gw2")

    # silence, and the limit of three
    gw2.open()
    gw1.deaf()
    gw2.reject(503)
    gw3.reject(503)
    call = lab.place("102", expect=408, **inside)
    assert call.finals == [408] and len(gw4.calls) == 0
    lab.log.wait_for(r"nothing left \(-9\): gw1:408>gw2:503>gw3:503")

    # busy is the answer; a caller who hangs up is called nowhere else
    gw1.reject(486)
    before = len(gw2.calls)
    assert lab.place("103", expect=486, **inside).finals == [486]
    gw1.trying()
    call = lab.call("104", **inside)
    lab.wait(lambda: gw1.calls[-1].user == "104", "gw1 has the call")
    assert call.cancel() == 200 and call.wait_final() == 487
    assert len(gw2.calls) == before

    # every send refused: one answer, and made by us
    gw1.answer()
    for name in ("gw1", "gw3", "gw4"):
        lab.rpc("failover_route.set_admin", "carriers", name, "maint")
    gw2.close()
    assert lab.place("105", expect=500, **inside).finals == [500]
    lab.rpc("failover_route.set_admin", "carriers", "gw2", "maint")
    assert lab.place("106", expect=500, **inside).finals == [500]

    # what the module tells, and both ways to ask
    lab.allow_log("no destination of carriers is usable", "carriers panics")
    lab.log.wait_for("no destination of carriers is usable")
    lab.rpc("failover_route.set_admin", "carriers", "*", "ready")
    lab.log.wait_for("carriers is usable again")
    lab.rpc("failover_route.set_health", "carriers", "gw1", "down")
    lab.log.wait_for("DOWN carriers/gw1 .*: set down by the operator")
    lab.rpc("failover_route.set_health", "carriers", "gw1", "up")
    lab.log.wait_for("UP carriers/gw1")
    assert "gw1" in lab.kamcmd("failover_route.list", "carriers")
    lab.rpc("failover_route.reload")
    lab.log.wait_for("table reloaded: ")

    # what is full is no error
    for name in ("gw2", "gw3", "gw4"):
        lab.rpc("failover_route.set_admin", "carriers", name, "drain")
    lab.edit_xml(('id="gw1"', 'id="gw1" max-cps="1"'))
    lab.rpc("failover_route.reload")
    calls = [lab.call(str(user), **inside) for user in range(107, 112)]
    assert {c.wait_final() for c in calls} == {200, 500}
    assert "Every Destination Is Full" in {m.phrase for c in calls for _, m in c.responses}
