"""A connection that is dead without having been closed, as when a firewall has forgotten it, does
not keep a gateway down: once it is down, the next ping begins a new one, or the call on trial.

Not where the connection is in use: by another set, whose pings are answered there, or by
calls, which a set without another gateway sends there all the same.
"""

RELAY = '''$var(set) = "carriers";
	if ($rU =~ "^9") $var(set) = "shy";
	if ($rU =~ "^2") $var(set) = "unprobed";
	if (!frt_relay("$var(set)")) send_reply("500", "No destination");'''
OTHER = '''  <set id="other">
    <probe interval="1s"/>
    <destination id="gw3" uri="sip:${gw3}:5060;transport=tcp"/>
  </set>
'''


def channels(gateway):
    return {id(r.channel) for r in gateway.requests}


def forgotten(gateway):
    """What comes on the connections there are is lost from now on."""
    dead = [r.channel for r in gateway.requests]
    gateway.filter = lambda msg, channel: not any(channel is d for d in dead)


def is_shy(msg):
    return msg.method == "OPTIONS" and "shy@" in msg.get("from")


def pings_go_on(lab, shy):
    seen = len(shy)
    lab.wait(lambda: len(shy) >= seen + 4, "pings of the set shy")


def story(lab):
    lab.start(tls=True, relay=RELAY)
    lab.allow_refused()
    gw1, gw2, gw3, gw4, gw5 = lab.gateways_named("gw1", "gw2", "gw3", "gw4", "gw5")
    lab.wait(lambda: gw1.options and gw2.options, "pings of both")
    for gw, name in ((gw1, "gw1"), (gw2, "gw2")):
        forgotten(gw)
        lab.wait_health(name, "down")
        lab.wait_health(name, "up")
    lab.place("100")
    assert gw1.users == ["100"]

    # without probes the call on trial has a new one
    lab.place("200")
    forgotten(gw5)
    lab.place_many((201, 202, 203))
    assert gw4.users == ["201", "202", "203"]
    lab.wait_health("gw5", "trial", "unprobed")
    lab.place("204")
    assert gw5.users == ["200", "204"]
    lab.wait_health("gw5", "up", "unprobed")

    shy = []

    def filtered(msg, channel):
        if is_shy(msg):
            shy.append(msg)
        return not is_shy(msg)
    gw3.filter = filtered
    lab.wait_health("gw3", "down", "shy")
    pings_go_on(lab, shy)
    assert lab.health("gw3", "other") == "up" and len(channels(gw3)) == 1

    load = lab.load(rate=20, seconds=60, users=["900"])
    gw3.wait_calls(3)
    lab.edit_xml((OTHER, ""))
    lab.rpc("failover_route.reload")
    pings_go_on(lab, shy)
    assert len(channels(gw3)) == 1
    load.close()
    pings_go_on(lab, shy)
    lab.place("901")
    assert len(channels(gw3)) >= 2
