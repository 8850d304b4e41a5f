"""A gateway without probes that has had no answer gets a new connection when its hold is over, and
no other one until its return: what the script sends there by itself keeps its own.
"""
import itertools

RELAY = '''if ($rU =~ "^8") {
		$du = "sip:${gw1};transport=tcp";
		t_relay();
		exit;
	}
	frt_relay("carriers");'''


def channels(gateway):
    return {id(r.channel) for r in gateway.requests}


def story(lab):
    lab.start(relay=RELAY)
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.filter = lambda msg, channel: "sip:1" not in msg.get("to")
    lab.place_many((100, 101, 102))
    assert gw2.users == ["100", "101", "102"]
    lab.wait_health("gw1", "down")

    lab.wait_closed(gw1)
    dead = channels(gw1)

    users = itertools.count(800)

    def returns():
        lab.place(str(next(users)))
        return lab.health("gw1") == "trial"
    lab.wait(returns, "the return")
    assert len(gw1.calls) > 20
    assert len(channels(gw1) - dead) == 1
