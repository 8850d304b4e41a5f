"""etc/kamailio-alerts.cfg: what changes is posted as JSON, with everything it says; changes fold.

A message that the receiver refuses is given up, and said; the next ones arrive.
"""
from lib.webhook import Webhook

ALERTS = '''#!define FRT_ALERT_URL "%s"
#!define FRT_ALERT_HEADER "Authorization: Bearer secret"
#!define FRT_ALERT_SERVER "sip1"
#!define FRT_ALERT_FOLD %d
include_file "%s/etc/kamailio-alerts.cfg"
'''
ODD = '<"hi"\\é>'  # a name with everything in it that JSON has to escape


def start(lab, fold):
    hook = Webhook(lab.slot.caller).start()
    lab.start(routes=ALERTS % (hook.url, fold, lab.root))
    return hook


def health(lab, destination, *words):
    for word in words:
        lab.rpc("failover_route.set_health", "carriers", destination, word)


def alerts_say_all(lab, hook, gw1):
    gw1.reject(503)
    lab.place_many((100, 101, 102))
    lab.wait(lambda: hook.taken(destination="gw1", event="dst-down"), "the alert of gw1")
    alert = hook.taken(destination="gw1", event="dst-down")[0]
    told = next(t for t in lab.history() if t["destination"] == "gw1")
    assert alert["reason"] == told["reason"] and "3 consecutive" in alert["reason"]
    assert alert["since"] == told["time"]
    assert alert["id"].startswith(f"{told['time']}-")
    assert {k: alert[k] for k in ("server", "event", "set", "uri", "from", "to", "source",
                                  "changes", "lost")} == {
        "server": "sip1", "event": "dst-down", "set": "carriers", "uri": f"sip:{gw1.host}",
        "from": "up", "to": "down", "source": "traffic", "changes": 1, "lost": 0}
    assert hook.headers[0]["Content-Type"] == "application/json"
    assert hook.headers[0]["Authorization"] == "Bearer secret"
    health(lab, ODD, "down")
    lab.wait(lambda: hook.taken(destination=ODD, to="down"), "the alert of an odd name")


def first_change_is_told_at_once(lab, hook):
    """What follows it waits, but for other destinations' first ones."""
    health(lab, ODD, "up", "down", "up")
    health(lab, "gw2", "down")
    lab.wait(lambda: hook.taken(destination="gw2"), "the alert of gw2")
    assert len(hook.taken(destination=ODD)) == 1
    lab.wait(lambda: lab.rpc("mqueue.get_size", "frt_alerts")["size"] > 0, "what follows waits")


def changes_fold(lab, hook):
    def alerts():
        return [a for a in hook.taken(destination="gw2") if a["event"].startswith("dst-")]

    health(lab, "gw2", "up", "down", "up", "down")
    lab.wait(lambda: sum(a["changes"] for a in alerts()) == 4, "all of gw2")
    lab.wait(lambda: hook.taken(event="set-failover"), "where the set goes")
    assert len(alerts()) < 4 and alerts()[-1]["to"] == "down", alerts()
    assert len({a["id"] for a in hook.taken()}) == len(hook.taken())


def refused_is_given_up(lab, hook):
    hook.code = 422
    health(lab, ODD, "down")
    lab.log.wait_for(r"alerts: the receiver refuses \(422\) .*dst-down")
    hook.code = 200
    health(lab, ODD, "up")
    lab.wait(lambda: hook.taken(destination=ODD, to="up"), "the next alert of it")
    assert not hook.taken(destination=ODD, to="down")


def sets_are_told(lab, hook):
    health(lab, ODD, "down")
    health(lab, "gw1", "down")
    lab.wait(lambda: hook.taken(event="set-down"), "set-down")
    assert hook.taken(event="set-down")[0]["destination"] == ""


def story(lab):
    gw1, _gw2 = lab.gateways_named("gw1", "gw2")
    hook = start(lab, fold=3600)
    alerts_say_all(lab, hook, gw1)
    first_change_is_told_at_once(lab, hook)
    lab.stop()
    hook.stop()
    hook = start(lab, fold=1)
    changes_fold(lab, hook)
    refused_is_given_up(lab, hook)
    sets_are_told(lab, hook)
    hook.stop()
