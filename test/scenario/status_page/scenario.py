"""The status page in a real browser: an outage is seen without a reload, with its reason in words.

Green, amber and red; filter, keyboard, dark, phone; hostile names are only text; no password is
shown; a lost connection is told; axe-core finds nothing. Pictures stay in build/scenario/status_page.
"""
from lib.browser import Browser
from lib.http import fetch

LIMIT = 240
ROW = "[...document.querySelectorAll('tr.dst')].find((r) => r.textContent.includes('us-east-1'))"
ROWS = "[...document.querySelectorAll('tr.dst .name b')].map((b) => b.textContent)"
HOSTILE = ['"><img/src=x/onerror=alert(2)>', "\\u003c&amp;'`é"]


def first_look(lab, page):
    assert page.open(f"http://{lab.slot.kam}:8080/failover") == 200
    page.wait("document.querySelectorAll('tr.dst').length === 7")
    page.eval("window.since_load = true")
    assert page.text("#verdict") == "1 of 7 destinations limited, every set takes calls"
    assert page.eval(ROWS)[:5] == ["us-east-1", "us-east-2", "eu-west-1", "pbx-a", "pbx-b"]
    # texts stay texts, and a password stays where it is
    assert page.eval(ROWS)[5:] == HOSTILE
    assert page.eval("document.querySelectorAll('img, script').length") == 1
    assert "<script>alert(1)</script>" in page.text("#sets")
    assert "sip:trunk:***@" in page.text("#sets")
    assert not page.eval("document.documentElement.outerHTML.includes('s3cr3t')")
    assert b"s3cr3t" not in fetch(lab, "/failover.json")[2]
    assert b'"matched":0' in fetch(lab, "/failover.json?q=s3cr3t")[2]
    assert page.eval("document.querySelectorAll('.do').length") == 0, "read-only"


def outage(lab, page, gw1):
    gw1.reject(503)
    lab.place_many((100, 101, 102, 103, 104))
    seen = page.wait(f"{ROW}.classList.contains('r-red') && Date.now()")
    down = next(t for t in lab.history() if t["event"] == "dst-down" and t["destination"] == "us-east-1")
    print(f"the page showed the outage {seen - down['time']} ms after it was known")
    assert seen - down["time"] < 15000
    assert page.eval("window.since_load") is True
    row = page.eval(f"{ROW}.innerText")
    assert "down" in row and "3 consecutive failures (last 503)" in row, row
    assert page.text("#verdict") == "1 of 7 destinations down, set carriers is on its backup"
    assert "carriers/us-east-1" in page.text("#attention")
    # the set's reason is what explain says over RPC, in both places
    why = lab.rpc("failover_route.explain", "carriers")["why"]
    assert "no destination of a better tier" in why and why in page.text("#attention"), (why, page.text("#attention"))
    assert why in page.text("details.set summary")
    assert "takes calls now" in page.eval("document.querySelectorAll('tr.tier')[1].textContent")
    page.wait("document.querySelector('#events').textContent.includes('up \u2192 down')")
    page.wait("document.querySelector('#say').textContent.startsWith('dst-down: carriers/us-east-1')")
    # shares as they are: 60 to 40 of the second tier
    shares = page.eval("[...document.querySelectorAll('.share span')].slice(0, 3).map((s) => s.textContent)")
    assert shares == ["0 %", "60 %", "40 %"], shares
    page.shot("outage")
    assert page.axe() == []


def comes_back(lab, page, gw1):
    gw1.answer()
    lab.rpc("failover_route.set_health", "carriers", "us-east-1", "up")
    lab.wait(lambda: lab.place(str(105)) and lab.health("us-east-1") in ("ramp", "up"), "a call tried it", 30)
    # amber it is on trial, too
    page.wait(f"{ROW}.innerText.includes('slow start')")
    assert page.eval(f"{ROW}.classList.contains('r-amber')")
    page.shot("slow-start")


def keyboard_and_filter(page):
    page.press("/", *"eu-w")
    page.wait(f"{ROWS}.join() === 'eu-west-1'")
    page.press("Escape")
    page.wait("document.querySelectorAll('tr.dst').length === 7")
    page.press("p")
    page.wait(f"{ROWS}.join() === 'us-east-1,pbx-b'")
    page.press("Escape")
    page.fill("#filter", "in maint")
    page.wait(f"{ROWS}.join() === 'pbx-b'")
    page.fill("#filter", "<b>nobody</b>")
    page.wait("!document.querySelector('#none').hidden")
    page.press("Escape")
    page.wait("document.querySelectorAll('tr.dst').length === 7")
    # all that can be used is reached by Tab, and a set is folded by Enter
    page.eval("document.querySelector('details.set summary').focus()")
    page.press("Enter")
    page.wait("!document.querySelector('details.set').open")
    page.press("Enter")
    page.wait("document.querySelectorAll('tr.dst').length === 7")


def looks(lab, page):
    back = "getComputedStyle(document.body).backgroundColor"
    light = page.eval(back)
    page.media(dark=True)
    page.wait(f"{back} !== {light!r}")
    page.shot("dark")
    assert page.axe() == []
    # the narrowest, with as much beside a set's name as there can be
    lab.rpc("failover_route.set_health", "carriers", "us-east-1", "down")
    lab.rpc("failover_route.set_admin", "carriers", "us-east-2", "drain")
    page.size(360, 740)
    page.wait("document.querySelectorAll('details.set')[0].querySelectorAll('.counts > *:not([hidden])').length === 3")
    page.wait("getComputedStyle(document.querySelector('.set thead')).display === 'none'")
    assert page.eval("document.querySelector('.set h3').offsetWidth") > 100
    assert page.eval("document.documentElement.scrollWidth") <= 360
    lab.rpc("failover_route.set_health", "carriers", "us-east-1", "up")
    lab.rpc("failover_route.set_admin", "carriers", "us-east-2", "ready")
    page.size(390, 844)
    assert page.eval("document.documentElement.scrollWidth") <= 390
    page.shot("phone-dark")
    page.media(dark=False)
    page.wait(f"{back} === {light!r}")
    page.shot("phone")
    assert page.axe() == []
    page.size(1440, 900)
    # a name as long as can be leaves room for the words beside it
    assert page.eval("(() => { const h = document.querySelector('.set h3'), was = h.firstChild.textContent;"
                     "h.firstChild.textContent = 'x'.repeat(64);"
                     "const wide = document.querySelector('.choice').offsetWidth;"
                     "h.firstChild.textContent = was; return wide; })()") >= 200


def changed_at_run_time(lab, page):
    """What the file says and the table has not is told, too."""
    lab.rpc("failover_route.remove", "carriers", "us-east-1")
    lab.rpc("failover_route.set_weight", "carriers", "us-east-2", 7)
    lab.rpc("failover_route.add", "carriers", "spare", "sip:127.0.0.99", 9)
    page.wait("document.querySelector('details.set .choice').textContent"
              ".endsWith('; removed at run time: us-east-1')")
    for name, words in (("us-east-2", "weight set at run time"), ("spare", "added at run time")):
        row = f"[...document.querySelectorAll('tr.dst')].find((r) => r.textContent.includes('{name}'))"
        page.wait(f"{row} && {row}.querySelector('small').textContent.includes('{words}')")
    lab.rpc("failover_route.overlay_clear")
    page.wait(f"{ROW} && !document.querySelector('#sets').textContent.includes('at run time')")


def nothing_left(lab, page):
    """An empty file is no fault, and yet not well."""
    file = lab.work / "failover_route.xml"
    table = file.read_text()
    file.write_text('<failover-route version="1"/>')
    assert lab.rpc("failover_route.reload")["warnings"] == ["the table: warning: there is no set: no call can be routed"]
    page.wait("document.querySelector('#verdict').textContent === 'There is no set: no call can be routed'")
    assert page.eval("document.querySelector('#verdict').classList.contains('red')")
    assert page.axe() == []
    # nor is one that was refused well, although calls go on as before
    file.write_text(table.replace("</set>", "", 1))
    assert page.eval("document.querySelector('#refused').hidden")
    assert lab.fault("failover_route.reload").code == 400
    page.wait("document.querySelector('#refused').textContent.startsWith('A reload was refused')")
    assert page.axe() == []
    page.shot("refused")
    lab.allow_log("reload refused: ")
    file.write_text(table)
    lab.rpc("failover_route.reload")
    page.wait("document.querySelectorAll('tr.dst').length === 7")
    assert page.eval("document.querySelector('#refused').hidden")


def lost_and_found(lab, page):
    assert page.said() == []
    lab.stop()
    page.wait("document.querySelector('#lost').textContent.startsWith('Connection lost')")
    page.shot("lost")
    lab.kamailio.start(64)
    page.wait("document.querySelector('#lost').hidden", 60)
    page.wait("document.querySelectorAll('#events tr').length > 0")
    assert page.text("#live") == "live"
    assert page.eval("window.since_load") is True


def story(lab):
    lab.start(http="if (frt_http()) exit;")
    gw1, _gw2, _gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    with Browser(lab) as page:
        first_look(lab, page)
        outage(lab, page, gw1)
        comes_back(lab, page, gw1)
        keyboard_and_filter(page)
        looks(lab, page)
        changed_at_run_time(lab, page)
        nothing_left(lab, page)
        lost_and_found(lab, page)
