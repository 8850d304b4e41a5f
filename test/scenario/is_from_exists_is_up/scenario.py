"""The tests: does this come from one of the set's gateways, is it up, is there such a set.

Peers rows 2 and 10: dispatcher's ds_is_active leaks a reference so that the next reload
hangs; here two thousand tests and reloads go on side by side.
"""

RELAY = '''$var(a) = 0;
	if (frt_is_from("carriers")) $var(a) = $var(a) + 1;
	if (frt_is_from("others")) $var(a) = $var(a) + 10;
	if (frt_is_up("carriers")) $var(a) = $var(a) + 100;
	if (frt_is_up("carriers", "gw1")) $var(a) = $var(a) + 1000;
	if (frt_exists("carriers")) $var(a) = $var(a) + 10000;
	if (frt_exists("$rU")) $var(a) = $var(a) + 100000;
	if (frt_is_up("nobody") || frt_is_from("nobody") || frt_is_up("carriers", "nobody"))
		$var(a) = 0;
	send_reply("200", "$var(a)");'''


def story(lab):
    lab.start(relay=RELAY)
    gw1, gw2, gw3 = (lab.slot.gateway(g) for g in ("gw1", "gw2", "gw3"))

    def asked(user="nobody", source=None):
        return int(lab.place(user, method="MESSAGE", source=source).final.phrase)
    assert asked() == 11100
    assert asked(source=gw1) == 11101
    assert asked(source=gw2) == 11101
    assert asked(source=gw3) == 11110
    assert asked(user="others") == 111100
    assert asked(user="1") == 111100  # by its number

    lab.rpc("failover_route.set_health", "carriers", "gw1", "down")
    assert asked() == 10100
    lab.rpc("failover_route.set_admin", "carriers", "gw2", "drain")
    assert asked() == 10000  # nothing usable is left in the set
    assert asked(source=gw1) == 10001  # where a request is from has nothing to do with health
    lab.rpc("failover_route.set_admin", "carriers", "gw2", "ready")

    load = lab.load(rate=200, seconds=10, users=["nobody"], method="MESSAGE")
    generation = lab.rpc("failover_route.list")["generation"]
    reloads = 0
    while load.running:
        lab.rpc("failover_route.reload")
        reloads += 1
    load.wait()
    assert (load.placed, load.connected) == (2000, 2000), load.errors
    assert lab.rpc("failover_route.list")["generation"] == generation + reloads
    assert reloads > 20 and asked() == 10100
