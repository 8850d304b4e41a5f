"""Drain and ready from the status page: confirmed, logged, and by nobody's page but ours.

With http_admin=1, by keyboard alone. Every other way to ask for it is refused and changes
nothing; so is the page under a name that is not ours, and every answer has its headers.
"""
import json

from lib.browser import Browser
from lib.http import ask_admin, fetch

LIMIT = 240
WANTED = {"set": "carriers", "destination": "gw1", "admin": "drain"}


def post(lab, body=WANTED, **how):
    return ask_admin(lab, body, **how)


def refused(lab):
    ours = f"http://{lab.slot.kam}:8080"
    for code, how in ((403, {"Content_Type": "text/plain"}), (403, {"without": ("Content_Type",)}),
                      (403, {"Content_Type": "application/x-www-form-urlencoded"}),
                      (403, {"without": ("X_Failover_Route",)}), (403, {"X_Failover_Route": "0"}),
                      (403, {"without": ("Origin",)}), (403, {"Origin": "null"}),
                      (403, {"Origin": "http://evil.example"}), (403, {"Origin": ours + "0"}),
                      (403, {"Origin": ours + ".evil.example"}), (403, {"Origin": f"http://{lab.slot.kam}"}),
                      (403, {"Sec_Fetch_Site": "cross-site"}), (403, {"Sec_Fetch_Site": "same-site"}),
                      (403, {"Sec_Fetch_Site": "none"}),
                      (421, {"host": "evil.example"}), (421, {"host": "evil.example:8080"}),
                      (421, {"host": f"{lab.slot.kam}.evil.example"}),
                      # twice: by names that differ in case only
                      (403, {"ORIGIN": "http://evil.example"}), (403, {"ORIGIN": "http://evil.example", "Sec_Fetch_Site": "same-origin"}),
                      (403, {"CONTENT_TYPE": "text/plain"}), (403, {"X_FAILOVER_ROUTE": "1"}),
                      (421, {"HOST": "evil.example"}),
                      (400, {"body": b""}), (400, {"body": b"{"}), (400, {"body": b"[]"}),
                      (400, {"body": WANTED | {"admin": "off"}}), (400, {"body": WANTED | {"destination": "*"}}),
                      (400, {"body": WANTED | {"more": "1"}}), (400, {"body": WANTED | {"set": 7}}),
                      (400, {"body": b'{"set":"carriers","destination":"gw1","admin":"drain\\u'}),
                      (400, {"body": b" " * 5000 + json.dumps(WANTED).encode()}),
                      (404, {"body": WANTED | {"set": "<i>"}}), (404, {"body": WANTED | {"destination": "gw9\n"}})):
        got, text = post(lab, **how)
        assert got == code, (how, got, text)
        assert b"<i>" not in text
    assert fetch(lab, "/failover/admin")[0] == 405
    assert fetch(lab, "/failover/admin")[1]["Allow"] == "POST"
    assert fetch(lab, "/failover", "POST", b"")[0] == 405
    assert lab.dst("gw1")["admin"] == "ready" and not lab.history()


def headers_and_hosts(lab):
    for path, kind in (("/failover", "text/html; charset=utf-8"), ("/failover.json", "application/json")):
        code, headers, body = fetch(lab, path)
        assert (code, headers["Content-Type"]) == (200, kind)
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none';") and "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert "Access-Control-Allow-Origin" not in headers
        for host in ("evil.example", "", "noc.example.evil", "[::1"):
            assert fetch(lab, path, host=host or " ")[0] == 421, host
        for host in ("noc.example", "NOC.example:8080", "localhost:8080", "[::1]:8080", "192.0.2.1"):
            assert fetch(lab, path, host=host)[0] == 200, host
    assert b"http://" not in body and b"https://" not in body
    # metrics are asked for by whatever name Prometheus knows
    assert fetch(lab, "/metrics", host="sip1.example")[0] == 200


def filters(lab):
    """A filter is never left out: what is too long for one is told."""
    def matched(q):
        return json.loads(fetch(lab, f"/failover.json?q={q}")[2])["matched"]
    assert matched("L" * 64 + "/" + "d" * 64) == 1
    assert matched("d" * 62) == 2 and matched("x" * 500) == 0 and matched("") == 4
    for q in ("x" * 600, "%zz", "a%00"):
        code, _, text = fetch(lab, f"/failover.json?q={q}")
        assert code == 400 and text.startswith(b"q: too long"), text
        assert fetch(lab, f"/metrics?set={q}")[0] == 404


def by_keyboard(lab, page):
    button = "document.querySelector('.do button')"
    page.open(f"http://{lab.slot.kam}:8080/failover")
    page.wait(f"{button}?.getAttribute('aria-label') === 'Drain carriers/gw1'")
    page.eval(f"{button}.focus()")
    page.press("Enter")
    page.wait("document.querySelector('#ask').open")
    assert "Drain carriers/gw1?" in page.text("#ask")
    page.shot("confirm", full=False)
    assert page.axe() == []
    page.press("Escape")
    page.wait("!document.querySelector('#ask').open")
    assert lab.dst("gw1")["admin"] == "ready"
    page.press("Enter")
    page.wait("document.querySelector('#ask').open")
    page.press("Tab", "Enter")
    page.wait(f"{button}.textContent === 'Ready'")
    assert lab.dst("gw1")["admin"] == "drain"
    lab.log.wait_for(r"carriers/gw1: drain asked for over HTTP from 127\.[0-9.]+: done")
    assert lab.history()[0]["to"] == "drain"
    page.press("Enter")
    page.wait("document.querySelector('#ask').open")
    page.press("Tab", "Enter")
    page.wait(f"{button}.textContent === 'Drain'")
    assert lab.dst("gw1")["admin"] == "ready"
    # a name that is markup elsewhere
    page.click("tr.dst:last-child .do button")
    page.click("#ask-yes")
    lab.wait(lambda: lab.dst('<b>"é')["admin"] == "drain", "the second is drained")
    assert page.said() == []


def story(lab):
    lab.start(http="if (frt_http()) exit;", modparams='modparam("failover_route", "http_admin", 1)\n'
              'modparam("failover_route", "http_hosts", "noc.example, status.example")\n')
    refused(lab)
    headers_and_hosts(lab)
    filters(lab)
    assert post(lab, host="noc.example:8080", Sec_Fetch_Site="same-origin", without=("Origin",))[0] == 200
    assert lab.dst("gw1")["admin"] == "drain"
    told = post(lab, WANTED | {"set": "7", "admin": "ready"}, Content_Type="application/json; charset=utf-8")
    assert json.loads(told[1]) == {"set": "carriers", "destination": "gw1", "admin": "ready", "changed": 1, "calls": 0}
    with Browser(lab) as page:
        by_keyboard(lab, page)
