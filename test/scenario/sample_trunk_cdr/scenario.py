"""etc/kamailio-trunk-cdr.cfg as it is: every call leaves a line with the way it took.

Answered, refused, cancelled and impossible calls; the BYE's line closes the pair.
"""
import re
from pathlib import Path

from lib import forged


def cdr(lab, call, method="INVITE"):
    """The fields of the one line of this call."""
    pattern = rf"ACC: .*method={method};.*call_id={re.escape(call.call_id)};"
    lab.log.wait_for(pattern)
    lines = lab.log.find(pattern)
    assert len(lines) == 1, lines
    return dict(re.findall(r"(\w+)=([^;]*)", lines[0]))


def story(lab):
    lab.kamailio.rpc.ctl_socket = lab.work / "kamailio_ctl"
    lab.start(module_folder=str(Path(lab.variables["module_file"]).parent))
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")

    call = lab.place("100")
    line = cdr(lab, call)
    assert line["frt_path"] == "gw1:200" and line["code"] == "200", line
    assert (line["frt_set"], line["frt_dst"]) == ("carriers", "gw1")
    assert (line["src"], line["dst"], line["src_ip"]) == ("alice", "100", lab.slot.caller)
    assert cdr(lab, call, "BYE")["code"] == "200"

    gw1.deaf()
    gw2.reject(503)
    line = cdr(lab, lab.place("101"))
    assert line["frt_path"] == "gw1:408>gw2:503>gw3:200" and line["frt_dst"] == "gw3", line

    gw1.reject(503)
    gw3.reject(486)
    line = cdr(lab, lab.place("102", expect=486))
    assert line["frt_path"] == "gw1:503>gw2:503>gw3:486" and line["code"] == "486", line

    gw3.reject(503)
    line = cdr(lab, lab.place("103", expect=500))
    assert line["frt_path"] == "gw1:503>gw2:503>gw3:503", line

    gw1.ringing()
    call = lab.call("104")
    call.wait_code(180)
    assert call.cancel() == 200 and call.wait_final() == 487
    line = cdr(lab, call)
    assert line["code"] == "487" and line["frt_path"] == "gw1:487", line

    forged.refused(lab, lab.gateway("gw9"), 404)

    lab.kamcmd("failover_route.set_admin", "carriers", "*", "maint")
    call = lab.place("105", expect=500)
    assert cdr(lab, call)["code"] == "500"
    assert lab.place("106", method="MESSAGE", expect=405).finals == [405]
    assert lab.place("", method="OPTIONS", uri=f"sip:{lab.slot.kam}").finals == [200]
