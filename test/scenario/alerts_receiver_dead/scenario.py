"""A dead receiver of alerts loses nothing that fits into the queue; above that, the loss is counted.

A message is repeated with the id it had; what changes meanwhile folds into it.
"""
import re

from lib.webhook import Webhook

QUEUE = 20
ALERTS = f'''#!define FRT_ALERT_URL "%s"
#!define FRT_ALERT_QUEUE {QUEUE}
#!define FRT_ALERT_FOLD 0
#!define FRT_ALERT_RETRY_MAX 1
include_file "%s/etc/kamailio-alerts.cfg"
'''
NAMES = [f"d{n:02}" for n in range(60)]


def health(lab, names, word):
    for name in names:
        lab.rpc("failover_route.set_health", "carriers", name, word)


def waiting(lab):
    return lab.rpc("mqueue.get_size", "frt_alerts")["size"]


def last(hook, name):
    return hook.taken(destination=name)[-1:]


def process_of(lab, line):
    """What the process that wrote a line of the log calls itself."""
    return lab.kamailio.children()[int(re.match(r"\s*\d+\((\d+)\)", line)[1])]


def story(lab):
    hook = Webhook(lab.slot.caller)
    lab.start(routes=ALERTS % (hook.url, lab.root), destinations="".join(
        f'<destination id="{name}" uri="sip:{lab.slot.kam}:{7000 + n}"/>'
        for n, name in enumerate(NAMES)))

    # nobody listens: one message is at hand, the others wait
    health(lab, NAMES[:10], "down")
    health(lab, NAMES[:5], "up")
    line = lab.log.wait_for(r"alerts: the receiver does not take them \(7\); 10 more wait", count=2)
    assert process_of(lab, line).startswith("RTIMER"), line
    hook.code = 503
    hook.start()
    lab.wait(lambda: len(hook.posts) >= 2, "two tries")
    first, second = hook.posts[0][0], hook.posts[1][0]
    assert first["id"] == second["id"] and first == second
    hook.code = 200
    lab.wait(lambda: all(last(hook, name) for name in NAMES[:10]), "all ten")
    lab.log.wait_for("alerts: the receiver is back; ")
    for n, name in enumerate(NAMES[:10]):
        alerts = hook.taken(destination=name)
        assert [a["to"] for a in alerts] == ["up" if n < 5 else "down"], alerts
        assert alerts[0]["changes"] == (2 if n < 5 else 1)
    assert first["id"] in [post["id"] for post in hook.taken()]
    assert waiting(lab) == 0 and not lab.log.find("changes lost")

    # more than the queue may have
    hook.stop()
    tries = lab.log.count("alerts: the receiver does not take them")
    health(lab, NAMES[10:11], "down")
    lab.log.wait_for("alerts: the receiver does not take them", count=tries + 1)
    health(lab, NAMES[11:], "down")
    health(lab, NAMES[11:11 + QUEUE], "up")  # they wait already: nothing is lost
    lost = len(NAMES) - 11 - QUEUE
    lab.wait(lambda: sum(int(line.split("alerts: ")[1].split()[0])
                         for line in lab.log.find("changes lost")) == lost, "the loss is told")
    lab.log.wait_for(f"changes lost, {lost} since the start")
    assert waiting(lab) == QUEUE
    hook.start()
    kept = NAMES[11:11 + QUEUE]
    lab.wait(lambda: all(last(hook, name) for name in kept), "all that fitted")
    assert all(last(hook, name)[0]["to"] == "up" for name in kept)
    assert last(hook, kept[-1])[0]["lost"] == lost
    assert last(hook, NAMES[10])[0]["to"] == "down"
    assert not any(hook.taken(destination=name) for name in NAMES[11 + QUEUE:])
    assert len({a["id"] for a in hook.taken()}) == len(hook.taken())

    # and goes on
    health(lab, NAMES[-1:], "up")
    lab.wait(lambda: last(hook, NAMES[-1]), "the next one")
    hook.stop()
