"""What Grafana would complain of in etc/grafana-dashboard.json, as far as that shows without it."""
import re
import sys
from pathlib import Path

from lib import prometheus

ROOT = Path(__file__).resolve().parents[2]
KINDS = {"row", "stat", "timeseries", "state-timeline"}
GRID = 24


def cells(panel):
    at = panel["gridPos"]
    return {(x, y) for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])}


def layout(panels):
    taken, ids = set(), set()
    for panel in panels:
        title, mine = panel["title"], cells(panel)
        if panel["type"] not in KINDS:
            yield f"{title}: type {panel['type']}"
        if panel["id"] in ids:
            yield f"{title}: id {panel['id']} comes twice"
        if mine & taken or max(x for x, _ in mine) >= GRID:
            yield f"{title}: lies over another one, or beyond the edge"
        ids.add(panel["id"])
        taken |= mine


def queries(board):
    variables = {v["name"] for v in board["templating"]["list"]} | {"__rate_interval"}
    source = {"type": "prometheus", "uid": "${datasource}"}
    for panel in board["panels"]:
        if panel["type"] == "row":
            continue
        if not panel["targets"] or len({t["refId"] for t in panel["targets"]}) != len(panel["targets"]):
            yield f"{panel['title']}: no targets, or one refId twice"
        if any(part["datasource"] != source for part in (panel, *panel["targets"])):
            yield f"{panel['title']}: another data source"
    for title, query in prometheus.targets(board):
        unknown = set(re.findall(r"\$\{?(\w+)", query)) - variables
        if unknown:
            yield f"{title}: unknown variables {unknown}"
        if "$instance" not in query:
            yield f"{title}: not by server"


def metrics(root):
    doc = (root / "modules/failover_route/doc/failover_route_admin.xml").read_text(encoding="utf-8")
    known = prometheus.metric_names(doc)
    for name in ("grafana-dashboard.json", "prometheus-rules.yml"):
        text = (root / "etc" / name).read_text(encoding="utf-8")
        for metric in sorted(prometheus.metric_names(text) - known):
            yield f"{name}: {metric} is not documented"


def main():
    board = prometheus.dashboard(ROOT)
    faults = [*layout(board["panels"]), *queries(board), *metrics(ROOT)]
    print("\n".join(faults))
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
