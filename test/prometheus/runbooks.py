"""Each alert says what to do: a chapter that the operations guide has, which names the alert, as the
documentation does."""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "modules/failover_route/doc/operations.md").read_text()
ADMIN = (ROOT / "modules/failover_route/doc/failover_route_admin.xml").read_text()
RULES = (ROOT / "etc/prometheus-rules.yml").read_text()


def faults():
    chapters = set(re.findall(r"^## (.*)", GUIDE, re.M))
    for rule in RULES.split("- alert: ")[1:]:
        name = rule.split("\n", 1)[0]
        words = re.search(r'description: "operations.md(?:, ([^;]+))?; \S', rule)
        if not words or words[1] and words[1] not in chapters:
            yield f"{name}: its description begins with no chapter of operations.md"
        if name not in GUIDE:
            yield f"{name}: operations.md does not say what to do"
        if name not in ADMIN:
            yield f"{name}: failover_route_admin.xml does not say when it fires"


found = list(faults())
print("\n".join(found))
sys.exit(bool(found))
