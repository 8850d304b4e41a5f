"""Kamailio is stopped while a call is the trial of its destination, and has its only place: it ends well."""


def story(lab):
    lab.start()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.reject(503)
    lab.wait(lambda: lab.place("100") and lab.health("gw1") == "down", "gw1 has failed")
    gw1.deaf()
    lab.rpc("failover_route.set_admin", "carriers", "gw2", "maint")
    lab.wait_health("gw1", "trial")
    gw1.clear()
    lab.call("101")
    gw1.wait_calls(1)
    lab.stop()
