"""The status page with 10,000 destinations: small answers, a small page, and calls go on.

One set of 6,000 and 400 of ten; what is wrong is shown wherever it stands in the table.
"""
import gzip
import json
import time

from lib.browser import Browser
from lib.http import fetch

LIMIT = 300
HEAD = '<failover-route version="1"><defaults/><set id="carriers"><probe enabled="no"/>' \
       '<destination id="gw1" uri="sip:%s"/></set>'


def table(lab):
    yield HEAD % lab.slot.gateway("gw1")
    yield '<set id="large"><probe enabled="no"/>'
    yield from (f'<destination id="gw-{n}" uri="sip:10.1.{n >> 8}.{n & 255}" priority="{1 + n % 3}"/>' for n in range(6000))
    yield "</set>"
    for n in range(400):
        yield f'<set id="pbx-{n}"><probe enabled="no"/>'
        yield from (f'<destination id="node-{k}" uri="sip:10.2.{n >> 4}.{(n & 15) * 10 + k}"/>' for k in range(10))
        yield "</set>"
    yield "</failover-route>"


def data(lab, query=""):
    code, headers, body = fetch(lab, f"/failover.json?{query}", Accept_Encoding="gzip")
    assert code == 200
    packed = headers["Content-Encoding"] == "gzip"
    return json.loads(gzip.decompress(body) if packed else body), len(body)


def every_page(lab):
    seen, offset = [], 0
    while True:
        page, _ = data(lab, f"limit=500&offset={offset}")
        part = [(s["id"], d["id"]) for s in page["sets"] for d in s["list"]]
        if not part:
            break
        assert page["matched"] == 10001 and len(part) <= 500
        seen += part
        offset += len(part)
    assert len(seen) == len(set(seen)) == 10001


def many_down(lab, page):
    """However many need attention, the sets stay in sight; the number left out is told."""
    for n in range(40):
        lab.rpc("failover_route.set_health", "large", f"gw-{n}", "down")
    page.wait("document.querySelectorAll('#bad li').length === 30")
    page.wait("document.querySelector('#attention h2').textContent.includes('and 11 more')")
    assert page.eval("document.querySelector('#sets-h').getBoundingClientRect().bottom < innerHeight")
    page.shot("large-outage", full=False)
    for n in range(40):
        lab.rpc("failover_route.set_health", "large", f"gw-{n}", "up")
    page.wait("document.querySelectorAll('#bad li').length === 1")


def turned_while_typing(page):
    """A page turned right after a filter was given up stays: the filter's timer does not turn it back."""
    page.eval("""(() => {
        const press = (key) => document.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
        const filter = document.querySelector("#filter");
        filter.value = "half-typed";
        filter.dispatchEvent(new Event("input", {bubbles: true}));
        press("Escape");
        press("]");
        performance.clearResourceTimings();
    })()""")
    page.wait("performance.getEntriesByType('resource').length >= 3")
    page.wait("document.querySelector('#range').textContent.startsWith('101 to 200 of 10,001')", 5)
    page.press("[")
    page.wait("document.querySelector('#range').textContent.startsWith('1 to 100 of 10,001')")


def story(lab):
    lab.configure(http="if (frt_http()) exit;")
    (lab.work / "failover_route.xml").write_text("\n".join(table(lab)))
    lab.kamailio.start(512)
    lab.gateway("gw1")
    every_page(lab)
    whole, size = data(lab, "limit=100")
    code, _, plain = fetch(lab, "/failover.json?limit=500")
    assert code == 200 and len(plain) < 800000
    begin = time.monotonic()
    for _ in range(20):
        data(lab, "limit=100")
    print(f"a poll of 100 destinations of 10,001: {(time.monotonic() - begin) * 50:.1f} ms, "
          f"{size} bytes; of 500, not packed: {len(plain)} bytes")
    begin = time.monotonic()
    for _ in range(20):
        data(lab, "limit=100&q=nowhere")
    print(f"a filter that finds nothing: {(time.monotonic() - begin) * 50:.1f} ms")
    assert whole["total"]["green"] == 10001
    assert data(lab, "q=PBX-399")[0]["matched"] == 10
    assert data(lab, "q=10.1.23.111")[0]["sets"][0]["list"][0]["id"] == "gw-5999"

    with Browser(lab) as page:
        page.open(f"http://{lab.slot.kam}:8080/failover")
        page.wait("document.querySelector('#verdict').textContent === 'All 10,001 destinations up'", 60)
        page.eval("document.querySelectorAll('details.set').forEach((d) => { d.open = true; })")
        page.wait("document.querySelectorAll('tr.dst').length === 100")
        assert page.eval("document.getElementsByTagName('*').length") < 6000
        page.press("]")
        page.wait("document.querySelector('#range').textContent.startsWith('101 to 200 of 10,001')")
        page.press("[")
        page.wait("document.querySelector('#range').textContent.startsWith('1 to 100 of 10,001')")
        turned_while_typing(page)
        lab.rpc("failover_route.set_health", "pbx-399", "node-9", "down")
        page.wait("document.querySelector('#bad').textContent.includes('pbx-399/node-9')")
        page.eval("window.scrollTo(0, 0)")
        page.shot("large", full=False)
        many_down(lab, page)
        page.click("#bad .where")
        page.wait("document.querySelector('#range').textContent === '1 destination of 10,001'")
        page.press("Escape")
        page.press("p")
        page.wait("document.querySelectorAll('tr.dst').length === 1")
        page.press("Escape", "/", *"pbx-12")
        page.wait("document.querySelector('#range').textContent.includes('110 destinations of 10,001')")
        lab.place_many(range(100, 110))
        assert page.said() == []
