"""ordered takes a tier's destinations as the file has them, whatever they weigh.

So a spare that is down takes nothing away from the first, nor does the slow start of one: what
weights say of a tier sends no call to the next.
"""
RELAY = '''$var(set) = "carriers";
	if ($rU =~ "^9") $var(set) = "spares";
	if (!frt_relay("$var(set)")) send_reply("500", "No destination");'''


def spares(lab, gw2, gw1, gw3):
    for gateway in (gw2, gw1, gw3):
        gateway.answer()
        gateway.clear()
    lab.rpc("failover_route.set_health", "spares", "gw1", "down")
    why = lab.explain("spares")["why"]
    assert "spill" not in why and "lost weight" not in why, why
    lab.place_many(range(9000, 9030))
    assert [len(g.calls) for g in (gw2, gw1, gw3)] == [30, 0, 0]
    # one that is back has all of its calls at once
    gw2.reject(503)
    lab.place_many((9100, 9101, 9102))
    lab.wait_health("gw2", "down", "spares")
    gw2.answer()
    lab.wait(lambda: lab.place("9200") and lab.health("gw2", "spares") == "ramp", "it is back")
    gw2.clear()
    lab.place_many(range(9300, 9330))
    assert len(gw2.calls) == 30


def story(lab):
    lab.start(relay=RELAY)
    gw2, gw1, gw3 = lab.gateways_named("gw2", "gw1", "gw3")
    for n in range(20):
        lab.place(str(100 + n), method="MESSAGE")
    assert [g.count("MESSAGE") for g in (gw2, gw1, gw3)] == [20, 0, 0]
    gw2.reject(500)
    lab.place("100", method="MESSAGE")
    gw1.reject(500)
    lab.place("100", method="MESSAGE")
    assert [g.count("MESSAGE") for g in (gw2, gw1, gw3)] == [22, 2, 1]
    lab.rpc("failover_route.set_admin", "carriers", "gw1", "maint")
    lab.place("100", method="MESSAGE")
    assert [g.count("MESSAGE") for g in (gw2, gw1, gw3)] == [23, 2, 2]
    lab.rpc("failover_route.set_admin", "carriers", "gw1", "ready")
    spares(lab, gw2, gw1, gw3)
