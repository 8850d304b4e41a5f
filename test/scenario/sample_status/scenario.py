"""etc/kamailio-status.cfg as it is: the page for who has the password and a good address, in a real browser.

Without a login in the configuration nobody gets in; other paths are the script's.
"""
import base64
import hashlib

from lib.browser import Browser
from lib.http import fetch

PASSWORD = "s3cr3t: \u00e9\"'"
PIECE = '''%s
#!define FRT_STATUS_OWN_EVENT_ROUTE
#!define FRT_STATUS_LISTEN tcp:%s:8081
#!define FRT_STATUS_FROM "%s"
include_file "%s/etc/kamailio-status.cfg"
'''


def basic(text):
    return "Basic " + base64.b64encode(text.encode()).decode()


def start(lab, login, allowed):
    define = f'#!define FRT_STATUS_LOGIN "{login}"' if login else ""
    lab.start(routes=PIECE % (define, lab.slot.kam, allowed, lab.root), modules=("ipops",),
              http="route(FRT_STATUS);")


def story(lab):
    ours = basic("operator:" + PASSWORD)
    start(lab, hashlib.sha256(ours.encode()).hexdigest(), f"127.0.0.0/8,::1/128,{lab.slot.kam}/32")
    for wrong in ({}, {"Authorization": ours[:-4]}, {"Authorization": "Basic "}, {"Authorization": ours + "x"},
                  {"Authorization": basic("operator:other")}, {"Authorization": "Bearer x"}):
        for path in ("/failover", "/failover.json", "/failover/admin", "/metrics", "/x"):
            code, headers, body = fetch(lab, path, **wrong)
            assert code == 401 and headers["WWW-Authenticate"].startswith("Basic realm="), (path, wrong)
            assert b"carriers" not in body and b"script" not in body
    assert fetch(lab, "/failover", Authorization=ours)[0] == 200
    assert fetch(lab, "/failover.json", Authorization=ours)[0] == 200
    assert fetch(lab, "/elsewhere", Authorization=ours)[0] == 404
    # as Prometheus asks, by the server's name
    code, _, body = fetch(lab, "/metrics", Authorization=ours, Host="sip1.example.net:8081")
    assert code == 200 and b"failover_route_generation 1" in body
    assert fetch(lab, "/failover/admin", "POST", b"{}", Authorization=ours)[0] == 403

    with Browser(lab, credentials={"username": "operator", "password": PASSWORD}) as page:
        assert page.open(f"http://{lab.slot.kam}:8081/failover") == 200
        page.wait("document.querySelectorAll('tr.dst').length > 0")
        assert page.text("#live") == "live"

    # no login in the configuration: no way in, neither with an empty one
    lab.stop()
    start(lab, "", "127.0.0.0/8")
    for header in ({}, {"Authorization": ""}, {"Authorization": ours}, {"Authorization": basic(":")}):
        assert fetch(lab, "/failover", **header)[0] == 401
    lab.stop()
    start(lab, hashlib.sha256(ours.encode()).hexdigest(), "192.0.2.0/24")
    assert fetch(lab, "/failover", Authorization=ours)[0] == 403
    lab.log.wait_for("status page: refused to 127")
