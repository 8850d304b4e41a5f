"""A real Prometheus that scrapes the story's Kamailio, and the queries of etc/grafana-dashboard.json.

Prometheus(lab) starts it, with etc/prometheus-rules.yml; stop() ends it.
"""
import json
import re
import shutil
import urllib.error
import urllib.parse
import urllib.request

from .processes import Process

CONFIG = """
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
rule_files: ["%s/etc/prometheus-rules.yml"]
scrape_configs:
  - job_name: kamailio
    static_configs: [{targets: ["%s:8080"]}]
"""


class Prometheus:
    def __init__(self, lab):
        if not shutil.which("prometheus"):
            raise lab.Skip("no prometheus on this machine")
        self._lab, config = lab, lab.work / "prometheus.yml"
        config.write_text(CONFIG % (lab.root, lab.slot.kam))
        listen = f"{lab.slot.caller}:9090"
        self._base = f"http://{listen}/api/v1/"
        self._process = Process(["prometheus", f"--config.file={config}",
                                 f"--storage.tsdb.path={lab.work}/prometheus",
                                 f"--web.listen-address={listen}"],
                                lab.work, lab.work / "prometheus.log")

    def stop(self):
        """If it has just begun to scrape, Kamailio finds its connection reset."""
        self._lab.allow_log(r"tcp_read_data\(\)", r"tcp_read_req(\(\))?: error reading")
        self._process.stop()

    def ask(self, what, **arguments):
        """The data of an answer of its API, or None while there is none; ValueError if it
        does not understand the query."""
        url = self._base + what + "?" + urllib.parse.urlencode(arguments)
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            if error.code == 503:  # it is starting
                return None
            raise ValueError(f"{arguments}: {error.read().decode()}") from error
        except OSError:
            return None

    def query(self, text):
        """All series of an instant query."""
        data = self.ask("query", query=text)
        return data["result"] if data else []

    def value(self, text):
        """The value of its first series, or None."""
        found = self.query(text)
        return float(found[0]["value"][1]) if found else None

    def rules(self):
        """{name: rule} as it has loaded them."""
        data = self.ask("rules") or {"groups": []}
        return {rule["name"]: rule for group in data["groups"] for rule in group["rules"]}


def dashboard(root):
    return json.loads((root / "etc/grafana-dashboard.json").read_text(encoding="utf-8"))


def targets(board):
    """(panel's title, query) of all of a dashboard's panels and annotations."""
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]
    for note in board["annotations"]["list"]:
        yield note["name"], note["expr"]


def filled(query, interval="1m"):
    """A dashboard's query as Grafana sends it with everything selected."""
    query = query.replace("$__rate_interval", interval)
    return re.sub(r"\$(instance|set|destination)\b", ".*", query)


def metric_names(text):
    """Names of families of ours, without what a histogram adds."""
    found = set(re.findall(r"\bfailover_route_[a-z_]+\b", text))
    return {re.sub("_(bucket|sum|count)$", "", name) for name in found}
