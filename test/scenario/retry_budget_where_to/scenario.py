"""The retry budget is for retries: a call that has nowhere left to go spends nothing, and is not
told that the budget is used up.
"""
RELAY = '''$var(set) = "pair";
	if ($rU =~ "^2") $var(set) = "single";
	if (!frt_relay("$var(set)")) send_reply("500", "None");'''


def story(lab):
    lab.start(relay=RELAY)
    gws = lab.gateways_named("gw1", "gw2", "gw3")
    for gw in gws:
        gw.reject(503)
    # both refuse: one retry a call, as long as there are any
    load = lab.load(rate=100, seconds=5, users=range(1000, 1100), method="MESSAGE").wait()
    assert load.placed == 500 and load.connected == 0
    tries = sum(gw.count("MESSAGE") for gw in gws)
    # 500 first tries, 60 saved up, 100 for the calls, 15 for the seconds
    assert 650 <= tries <= 500 + 60 + 100 + 30
    assert lab.metric("retries_refused_total", "pair") > 0

    lab.load(rate=100, seconds=3, users=range(2000, 2100), method="MESSAGE").wait()
    assert gws[2].count("MESSAGE") == 300
    assert lab.metric("retries_refused_total", "single") == 0
    assert lab.metric("exhausted_total", "single") == 300
