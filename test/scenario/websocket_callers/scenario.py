"""Kamailio as edge for browsers: callers over WebSocket, gateways over UDP, TCP and TLS.

Failover, CANCEL, a hang-up of either side; the window closes while the first gateway is
silent, and while the second rings.
"""
import os

HTTP = '''if ($hdr(Upgrade) =~ "websocket") {
			ws_handle_handshake();
			exit;
		}'''


def answered(lab, gw, caller_hangs_up):
    call = lab.call("100", transport="ws")
    assert call.wait_final() == 200 and call.finals == [200]
    assert call.final.get("contact").find(gw.host) >= 0
    assert call.reinvite() == 200
    if caller_hangs_up:
        assert call.bye() == 200 and not gw.hanging
    else:
        assert gw.hangup(gw.calls[-1]).wait() == 200
        assert [r.method for r in call.requests] == ["BYE"]


def story(lab):
    if not any(os.path.exists(f"{d}/websocket.so") for d in lab.variables["mpath"].split(":")):
        raise lab.Skip("no kamailio-websocket-modules")
    lab.start(modules=["websocket"], http=HTTP, tls=True)
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")

    for hangs_up in True, False:
        gw1.answer()
        answered(lab, gw1, hangs_up)
        gw1.blackhole()  # over UDP; then TCP
        answered(lab, gw2, hangs_up)
        gw2.reject(503)  # then TLS
        answered(lab, gw3, hangs_up)
        gw2.answer()
    assert [r.transport for r in gw3.calls] == ["tls"] * 2

    gw2.ringing()
    call = lab.call("100", transport="ws")
    call.wait_code(180)
    assert call.cancel() == 200 and call.wait_final() == 487
    assert call.finals == [487] and len(gw2.cancels) == 1

    for rings in False, True:
        before = len(gw1.calls), len(gw2.calls)
        call = lab.call("100", transport="ws")
        gw1.wait_calls(before[0] + 1)
        if rings:
            call.wait_code(180)
        call.vanish()
        gw2.wait_calls(before[1] + 1)
    lab.wait(lambda: len(gw2.cancels) == 3, "nobody's phone rings")
    lab.wait_transactions(limit=60)
