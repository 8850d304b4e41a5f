"""One gateway, reached from two of our addresses: one connection closes, the other stays.

Only the calls on the connection that closed move on, and only the destination that used
it is blamed.
"""
import time

RELAY = '''$var(set) = "carriers";
	if ($rU =~ "^2") $var(set) = "other";
	if (!frt_relay("$var(set)")) send_reply("500", "No destination");'''

# Kamailio 6.1 takes any connection to the next hop without it
LISTEN = '''listen=tcp:${load}:5060
#!ifdef KAMAILIO_6
tcp_reuse_port=yes
#!endif
'''


def story(lab):
    lab.start(relay=RELAY, listen=LISTEN)
    lab.allow_refused()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.deaf()
    here = [lab.call(str(100 + i)) for i in range(20)]
    there = [lab.call(str(200 + i)) for i in range(20)]
    gw1.wait_calls(40)
    assert {r.source[0] for r in gw1.calls if r.user < "200"} == {lab.slot.kam}
    assert {r.source[0] for r in gw1.calls if r.user >= "200"} == {lab.slot.load}

    stream = next(r.channel for r in gw1.calls if r.user >= "200")
    lab.reactor.call(stream.close)
    for call in there:
        assert call.wait_final() == 200 and call.final_ms < 4000
        call.bye()
    time.sleep(1.0)  # four looks at whether the other connection is still there
    assert sorted(gw2.users) == [str(200 + i) for i in range(20)]
    assert all(call.codes == [] for call in here)
    told, other = lab.dst("gw1"), lab.dst("gw1", "other")
    assert (told["rescued"], other["rescued"]) == (0, 20)

    lab.reactor.call(next(r.channel for r in gw1.calls if r.user < "200").close)
    for call in here:
        assert call.wait_final() == 200
        call.bye()
    assert lab.dst("gw1")["rescued"] == 20 and lab.dst("gw1", "other")["rescued"] == 20
