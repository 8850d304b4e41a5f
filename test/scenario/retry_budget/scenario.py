"""Failing over cannot multiply the load: retries are a share of the calls and a floor.

All gateways refuse, and a rule says to blame nobody, so none goes down: without a budget
every call would try all three. Here most of them get their answer from the first
(default: 20 % of the calls and 3 a second; 60 saved up).
"""


def story(lab):
    lab.start()
    gws = lab.gateways_named("gw1", "gw2", "gw3")
    for gw in gws:
        gw.reject(503)
    load = lab.load(rate=100, seconds=5, users=range(1000, 1100), method="MESSAGE").wait()
    assert load.placed == 500 and load.connected == 0
    tries = sum(gw.count("MESSAGE") for gw in gws)
    # 500 first tries, 60 saved up, 100 for the calls, 15 for the seconds
    assert 650 <= tries <= 500 + 60 + 100 + 30
    assert all(lab.health(f"gw{n}") == "up" for n in (1, 2, 3))
