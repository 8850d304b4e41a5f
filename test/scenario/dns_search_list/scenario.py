"""A short name is looked for in the domains of resolv.conf's search list, as every other program does."""


def story(lab):
    lab.dns({("gw1.pop.test", "A"): [(1, "${gw1}")],
             ("_sip._udp.eu.pop.test", "SRV"): [(1, 1, 1, 5060, "gw2.pop.test")],
             ("gw2.pop.test", "A"): [(1, "${gw2}")]}, hostile=True)
    with lab.kamailio.resolv_conf.open("a") as f:
        f.write("search other.test pop.test\n")
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    lab.start()
    lab.wait(lambda: {d["uri"] for d in lab.set()["destinations"]}
             >= {f"sip:{gw1.host}", f"sip:{gw2.host}:5060"}, "both are found")
