"""ordered takes a tier's destinations as the file has them, whatever they weigh."""


def story(lab):
    lab.start()
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
