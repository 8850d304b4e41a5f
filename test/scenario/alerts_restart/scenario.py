"""What a receiver of alerts was not told, it is told of: a start says how many are down, lost counts all.

What waits at a restart is gone, and so is what finds the module's own queue full.
"""
import re

from lib.webhook import Webhook

ALERTS = '''#!define FRT_ALERT_URL "%s"
#!define FRT_ALERT_FOLD 0
#!define FRT_ALERT_QUEUE 20
#!define FRT_ALERT_RETRY_MAX 1
include_file "%s/etc/kamailio-alerts.cfg"
'''
COUNT = 4000


def lost(lab):
    """(by the module's queue, by the alerts')"""
    told = lab.kamcmd("stats.get_statistics", "frt_events_lost")
    alerts = lab.kamcmd("pv.shvGet", "frt_alert_lost")
    return (int(re.search(r"= (\d+)", told)[1]),
            int((re.search(r"value: (\d+)", alerts) or ["", "0"])[1]))


def story(lab):
    hook = Webhook(lab.slot.caller)
    lab.start(routes=ALERTS % (hook.url, lab.root), destinations="".join(
        f'<destination id="d{n}" uri="sip:10.1.{n // 250}.{n % 250}"/>' for n in range(COUNT)))
    lab.rpc("failover_route.set_health", "carriers", "d1", "down")
    lab.log.wait_for("alerts: the receiver does not take them")
    lab.restart()
    hook.start()
    lab.wait(lambda: hook.taken(event="start"), "the start")
    start = hook.taken(event="start")[0]
    assert start["reason"] == f"started; down: 1 of {COUNT} destinations, 0 of 1 sets"
    assert start["id"] and start["set"] == start["destination"] == ""
    lab.rpc("failover_route.reload")
    lab.rpc("failover_route.set_health", "carriers", "d2", "down")
    lab.wait(lambda: hook.taken(destination="d2"), "the next alert")
    assert not hook.taken(event="reload") and len(hook.taken(event="start")) == 1

    words = iter(["maint", "ready"] * 30)
    lab.wait(lambda: lab.rpc("failover_route.set_admin", "carriers", "*", next(words)) and lost(lab)[0],
             "the module's queue was full", 60)
    lab.log.wait_for("events or lines lost because the queue was full")
    lab.wait(lambda: lab.rpc("mqueue.get_size", "frt_alerts")["size"] == 0, "all is told", 60)
    lab.rpc("failover_route.set_admin", "carriers", "d2", "ready")
    lab.rpc("failover_route.set_health", "carriers", "d2", "up")
    lab.wait(lambda: hook.taken(destination="d2", to="up"), "the last alert")
    assert hook.taken(destination="d2", to="up")[-1]["lost"] == sum(lost(lab))
    hook.stop()
