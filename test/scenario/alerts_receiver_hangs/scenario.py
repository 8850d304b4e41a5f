"""A receiver of alerts that never answers holds up no call: the post is not a SIP worker's.

All calls of a load are answered while one post waits; when the receiver wakes up it gets
what it was sent, and what changed meanwhile. Nor does a stop wait for it.
"""
from lib.webhook import Webhook

ALERTS = '''#!define FRT_ALERT_URL "%s"
#!define FRT_ALERT_FOLD 0
#!define FRT_ALERT_TIMEOUT 60
include_file "%s/etc/kamailio-alerts.cfg"
'''


def story(lab):
    hook = Webhook(lab.slot.caller).start()
    lab.start(routes=ALERTS % (hook.url, lab.root))
    lab.wait(lambda: hook.taken(event="start"), "the start is told")
    hook.posts.clear()
    hook.gate.clear()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    lab.rpc("failover_route.set_health", "other", "gw3", "down")
    lab.wait(lambda: hook.hanging == 1, "a post hangs")
    gw1.reject(503)
    lab.place_many((100, 101, 102))

    load = lab.load(rate=50, seconds=4)
    lab.wait(lambda: len(gw2.calls) > 20, "calls run")
    lab.rpc("failover_route.set_health", "other", "gw3", "up")
    load.wait()
    assert (load.connected, load.failed) == (200, 0), load.errors
    lab.place("103")
    assert hook.hanging == 1 and not hook.posts
    hook.gate.set()
    lab.wait(lambda: hook.taken(destination="gw3", to="up"), "what changed meanwhile")
    lab.wait(lambda: hook.taken(destination="gw1", event="dst-down"), "what waited")
    assert [(a["to"], a["changes"]) for a in hook.taken(destination="gw3")] == [("down", 1), ("up", 1)]
    assert len(hook.taken(destination="gw1", event="dst-down")) == 1

    # Kamailio ends although a post hangs
    hook.gate.clear()
    lab.rpc("failover_route.set_health", "other", "gw3", "down")
    lab.wait(lambda: hook.hanging, "another post hangs")
