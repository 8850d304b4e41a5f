"""etc/prometheus-rules.yml and etc/grafana-dashboard.json on a real Prometheus that scrapes a real outage.

Each metric they name is there, each query of the dashboard gives data, the rules are
understood, and those that need no minute's wait fire. When they fire and when not, to
the second: test/prometheus/rules_test.yml.
"""
from lib import prometheus

RECORDS = {("pool.test", "A"): [(1, "${gw4}")]}
FIRING = ("FailoverRouteSetDown", "FailoverRoutePanic")
PENDING = ("FailoverRouteDestinationDown", "FailoverRouteSetOnBackup", "FailoverRouteDnsStale")


def label_values(query):
    """(metric, label) of a variable of the dashboard."""
    metric, label = query.removeprefix("label_values(").removesuffix(")").rsplit(",", 1)
    return prometheus.filled(metric), label.strip()


def check(lab, server):
    board = prometheus.dashboard(lab.root)
    rules_text = (lab.root / "etc/prometheus-rules.yml").read_text()
    scraped = {line.split()[2] for line in lab.rpc("failover_route.metrics").splitlines()
               if line.startswith("# TYPE ")}
    named = prometheus.metric_names(rules_text + "".join(q for _, q in prometheus.targets(board)))
    assert named <= scraped, named - scraped
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            metric, label = label_values(variable["query"]["query"])
            found = server.query(metric)
            assert found and all(label in f["metric"] for f in found), variable["name"]
    for title, query in prometheus.targets(board):
        text = prometheus.filled(query)
        lab.wait(lambda text=text: server.query(text), f"data for {title}: {text}", 30)


def story(lab):
    lab.dns(RECORDS)
    lab.start(http="if (frt_http()) exit;")
    server = prometheus.Prometheus(lab)
    try:
        gw1, *_ = lab.gateways_named("gw1", "gw2", "gw4")  # nobody answers the probes of gw3
        lab.wait(lambda: server.value('failover_route_set_tier{set="carriers"}') == 1, "tier 1", 60)
        gw1.reject(503)
        lab.place_many((100, 101, 102))
        lab.rpc("failover_route.reload")
        lab.wait(lambda: server.value('failover_route_set_tier{set="carriers"}') == 2, "tier 2", 30)

        rules = server.rules()
        assert len(rules) >= 10 and all(r["health"] == "ok" for r in rules.values()), rules
        lab.wait(lambda: all(server.rules()[n]["state"] == "firing" for n in FIRING), "they fire", 30)
        lab.wait(lambda: all(server.rules()[n]["state"] in ("pending", "firing") for n in PENDING),
                 "they are about to", 30)
        down = server.rules()["FailoverRouteDestinationDown"]["alerts"]
        assert "gw1" in {a["labels"]["destination"] for a in down}, down
        assert server.rules()["FailoverRouteGone"]["state"] == "inactive"
        check(lab, server)
        # its only destination is taken out: that is no outage
        lab.rpc("failover_route.set_admin", "other", "*", "maint")
        lab.wait(lambda: server.rules()["FailoverRouteSetDown"]["state"] == "inactive",
                 "what the operator took out is not told", 30)
        assert server.value('failover_route_set_up{set="other"}') == 0
    finally:
        server.stop()
