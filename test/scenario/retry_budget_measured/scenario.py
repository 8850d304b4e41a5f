"""What an outage costs in attempts: a primary that answers all with 503, and a backup.

With the default policy it is down after three calls: attempts are the calls and a few.
Where nothing takes it down, further attempts are 20 % of the calls and 3 a second, after
the 60 saved up; each refusal is counted and explain says so.
"""
RATE, SECONDS = 100, 8
CALLS = RATE * SECONDS

RELAY = '''$var(set) = "carriers";
	if ($rU =~ "^9") $var(set) = "blameless";
	if (!frt_relay("$var(set)")) send_reply("500", "None");'''


def attempts(lab, set_id):
    return sum(lab.dst(gw, set_id)["attempts"] for gw in ("gw1", "gw2"))


def story(lab):
    lab.start(relay=RELAY)
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.reject(503)
    load = lab.load(RATE, SECONDS, users=range(1000, 1100), method="MESSAGE").wait()
    assert (load.placed, load.connected) == (CALLS, CALLS)
    spent = attempts(lab, "carriers") - CALLS
    assert 3 <= spent <= 24, spent  # three, what was under way, and the trials
    assert gw1.count("MESSAGE") == spent
    assert "retries left" in lab.explain()["retry_budget"]

    gw1.clear(), gw2.clear()
    load = lab.load(RATE, SECONDS, users=range(9000, 9100), method="MESSAGE").wait()
    spent = attempts(lab, "blameless") - CALLS
    budget = 60 + CALLS * 0.2 + SECONDS * 3
    assert budget - 10 <= spent <= budget + 10, spent
    assert load.connected == spent == gw2.count("MESSAGE")
    refused = 'failover_route_set_retries_refused_total{set="%s"} %d'
    metrics = lab.rpc("failover_route.metrics")
    assert refused % ("blameless", CALLS - spent) in metrics
    assert refused % ("carriers", 0) in metrics

    def used_up():  # 3 more come each second
        lab.call("9000", method="MESSAGE").wait_final()
        return "used up" in lab.explain("blameless")["retry_budget"]
    lab.wait(used_up, "explain says so")
