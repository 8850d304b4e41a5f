"""A destination over TCP that was silent when Kamailio stopped, and a kamailio.cfg that has TCP
switched off since: its trial comes, and Kamailio goes on.
"""


def story(lab):
    lab.start()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.blackhole()
    lab.place_many((100, 101, 102))
    lab.wait_health("gw1", "down")
    lab.stop()

    cfg = lab.kamailio.cfg
    cfg.write_text(cfg.read_text().replace("enable_tls=", "disable_tcp=yes\nenable_tls="))
    lab.log.allow("no corresponding", "failure to add branches")
    lab.kamailio.launch()
    lab.log.wait_for("carriers/gw1 trial: hold over")
    lab.place("103")
    assert gw2.users == ["100", "101", "102", "103"]
