"""A method as long as the configuration takes makes probes like any other."""
METHOD = "M" * 32


def story(lab):
    gw1 = lab.gateway("gw1")
    lab.start(method=METHOD)
    lab.wait(lambda: gw1.count(METHOD) >= 3, "it is probed")
    assert lab.health("gw1") == "up"
