"""/metrics of 10,000 destinations beside calls: every one in every family, no call lost or failed over.

46 MB of text are compressed while they are made: the worker never holds them. How long a scrape
takes, and what calls notice, is in the story's log.
"""
import gzip
import re
import time
import urllib.request
from collections import Counter

LIMIT = 240
SETS, EACH = 100, 100


def table(lab):
    lines = ['<failover-route version="1">']
    for s in range(SETS):
        lines.append(f'<set id="s{s}"><probe enabled="no"/>')
        lines += [f'<destination id="dest-{d}" uri="sip:10.1.{s}.{d}" priority="{d % 2}"'
                  f'{" admin=" + chr(34) + "maint" + chr(34) if d == 7 else ""}/>'
                  for d in range(EACH)]
        lines.append("</set>")
    return "\n".join(lines + [
        '<set id="carriers"><probe enabled="no"/>',
        f'<destination id="gw1" uri="sip:{lab.slot.gateway("gw1")}"/></set>', "</failover-route>"])


def scrape(lab):
    """(text, ms)"""
    request = urllib.request.Request(f"http://{lab.slot.kam}:8080/metrics",
                                     headers={"Accept-Encoding": "gzip"})
    began = time.monotonic()
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        body = answer.read()
    return gzip.decompress(body).decode(), round((time.monotonic() - began) * 1000)


def peak_kb(pid):
    """The most memory a process has ever had."""
    status = open(f"/proc/{pid}/status", encoding="ascii").read()
    return int(re.search(r"VmHWM:\s*(\d+)", status)[1])


def story(lab):
    lab.configure(http="if (frt_http()) exit;")
    (lab.work / "failover_route.xml").write_text(table(lab))
    lab.kamailio.start(1024)
    lab.sipp_gateway("gw1")
    peaks = {pid: peak_kb(pid) for pid in lab.kamailio.children()}
    text, _ = scrape(lab)
    grown = max(peak_kb(pid) - peaks[pid] for pid in peaks)
    assert grown < len(text) // 1024 // 2, "the text was never in memory as a whole"

    lines = text.splitlines()
    names = [line.rsplit(" ", 1)[0] for line in lines if not line.startswith("#")]
    assert len(set(names)) == len(names), "one label set never appears twice"
    families = Counter(n.split("{")[0] for n in names if 'destination="' in n)
    assert len(families) > 25
    assert all(n % (SETS * EACH + 1) == 0 for n in families.values()), families
    assert 'failover_route_destination_admin{set="s99",destination="dest-7"} 2' in lines
    assert 'failover_route_destination_attempts_total{set="s99",destination="dest-7"} 0' in lines

    load, took = lab.load(rate=50, seconds=10), []
    while load.running:
        took.append(scrape(lab)[1])
    load.wait()
    assert load.connected == load.placed == 500
    assert lab.set()["destinations"][0]["failovers"] == 0
    print(f"{len(text)} bytes; {len(took)} scrapes in {min(took)} .. {max(took)} ms; "
          f"answered after {load.quantile(0.5)} ms (p50), {load.quantile(0.95)} (p95), "
          f"{load.quantile(1)} (max)")
