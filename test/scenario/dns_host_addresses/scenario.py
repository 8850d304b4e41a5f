"""Every address of a host name is a destination: own probes, own health, equal parts of the weight.

An alias in between changes nothing, addresses nobody can call are left out, and
frt_is_from knows the others. With another uri the operator's wish stays, unless the file's
is another one, too.
"""
RECORDS = {("pool.test", "CNAME"): [(1, "real.test")],
           ("real.test", "A"): [(1, "${gw1}"), (1, "${gw2}"), (1, "0.0.0.0"), (1, "224.0.0.1")],
           ("new.test", "A"): [(1, "${gw4}"), (1, "${gw5}")]}

IS_FROM = '''if ($rU == "who") {
		if (frt_is_from("carriers")) send_reply("202", "Known");
		else send_reply("403", "Unknown");
		exit;
	}'''


def story(lab):
    lab.dns(RECORDS, hostile=True)
    lab.start(before=IS_FROM)
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    a, b = (f"pool/{g.host}" for g in (gw1, gw2))
    lab.wait(lambda: [d["id"] for d in lab.set()["destinations"]] == [a, b, "other"],
             "both addresses")
    assert [d["weight"] for d in lab.set()["destinations"]] == [15, 15, 30]
    assert lab.dst(a)["uri"] == f"sip:{gw1.host}:5060"
    assert [d["share_percent"] for d in lab.explain()["destinations"]] == [25, 25, 50]

    # each is probed, and one goes down without the other
    lab.wait(lambda: gw1.options and gw2.options and gw3.options, "probes everywhere")
    gw1.blackhole()
    lab.wait_health(a, "down")
    assert lab.health(b) == "up" and lab.health("other") == "up"

    # who sends from one of the addresses is known
    lab.place("who", expect=403, method="MESSAGE")
    gw2.close()
    lab.place("who", expect=202, method="MESSAGE", source=gw2.host)

    def follows(uri, admin, children):
        lab.rpc("failover_route.reload")
        lab.wait(lambda: [d["id"] for d in lab.set()["destinations"]] == [*children, "other"], uri)
        assert [lab.dst(c)["admin"] for c in children] == [admin, admin]
    new = [f"pool/{g.host}" for g in lab.gateways_named("gw4", "gw5")]
    lab.rpc("failover_route.set_admin", "carriers", "pool", "drain")
    lab.edit_xml(("sip:pool.test:5060", "sip:new.test:5060"))
    follows("new.test", "drain", new)
    lab.edit_xml(("sip:new.test:5060", "sip:pool.test:5060"), ('"host"', '"host" admin="maint"'))
    follows("pool.test", "maint", [a, b])
    lab.edit_xml(("sip:pool.test:5060", "sip:new.test:5060"), (' admin="maint"', ""))
    follows("new.test", "ready", new)
