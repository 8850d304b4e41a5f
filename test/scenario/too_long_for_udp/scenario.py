"""What is too long for UDP shows nothing of destinations that are for UDP.

By the core's udp_mtu it goes over TCP, which they refuse, ignore or close; beyond 64 kB it
cannot be sent at all. Three such calls took every trunk down, for all that would have fit.
"""
import itertools

from lib.gateway import sdp

LARGE = '''tcp_rd_buf_size=131072
#!ifndef KAMAILIO_5_6
msg_recv_max_size=131072
#!endif
'''
USERS = itertools.count(100)
RELAY = '''if ($rU =~ "^1") {
		frt_relay("carriers");
		exit;
	}
	t_on_failure("STEP");
	if (frt_select("carriers") && t_relay()) exit;
	while (frt_next()) {
		if (t_relay()) exit;
	}
	t_reply("500", "None");'''
ROUTES = '''failure_route[STEP] {
	t_on_failure("STEP");
	if (frt_should_failover() && frt_next()) t_relay();
}'''


def long_calls(lab, size, expect=500, **options):
    """Of three users, in one line and in steps."""
    line = b"a=x:%060d\r\n" % 0
    body = sdp(lab.slot.caller)
    body += line * ((size - len(body)) // len(line))
    for n in range(6):
        user = f"{1 + n % 2}{next(USERS)}"
        assert lab.place(user, expect=expect, body=body, **options).finals == [expect]


def story(lab):
    lab.start(listen="udp_mtu=1300\nudp_mtu_try_proto=TCP\n", relay=RELAY, routes=ROUTES)
    lab.allow_refused()
    lab.allow_log(r"ERROR: tm \[", r"ERROR: <core> \[core/(forward|udp_server)")
    gws = gw1, gw2, gw3 = [lab.gateway(f"gw{i}", transports=("udp",)) for i in (1, 2, 3)]

    def all_well():
        told = [lab.dst(gw.name) for gw in gws]
        assert [(d["health"], d["failed"], d["calls"]) for d in told] == [("up", 0, 0)] * 3, told

    long_calls(lab, 3000)  # refused
    all_well()
    for gw in gws:
        gw.close()
        gw.transports = "udp", "tcp"
        gw.open()
        gw.filter = lambda msg, channel: channel.transport == "udp"
    long_calls(lab, 3000, expect=408)  # not answered
    all_well()
    for gw in gws:
        gw.filter = lambda msg, channel, gw=gw: channel.transport == "udp" or gw.drop()
    long_calls(lab, 3000)  # closed while the call waits
    all_well()

    # what comes back from there counts as ever
    for gw in gws:
        gw.filter = None
    gw1.reject(486)
    long_calls(lab, 3000, expect=486)
    assert lab.dst("gw1")["ok"] == 6 and {r.transport for r in gw1.calls[-6:]} == {"tcp"}
    gw1.answer()
    lab.place("100")
    assert gw1.calls[-1].transport == "udp"

    lab.stop()
    lab.start(listen=LARGE, relay=RELAY, routes=ROUTES)
    long_calls(lab, 65300, transport="tcp")
    all_well()
    lab.place("100")
