"""explain tells each state of a destination in words, and list and the log tell it by the same.

What holds one that is down (hold, probes, failback-delay, window, the operator), trial, slow
start, caps, tiers, spill, the operator's wish, and what run time has added, weighed and removed.
What has a story of its own is not here: panic, shedding, silence, names, overload, shadow.
"""
import re
import time


def why(lab, set_id, dst):
    told = {d["id"]: d for d in lab.explain(set_id)["destinations"]}
    return told[dst]["why"], bool(told[dst]["usable"])


def closed_window():
    """An hour that is open three hours from now, by local time."""
    hour = (time.localtime().tm_hour + 3) % 24
    return f"{hour:02d}:00-{(hour + 1) % 24:02d}:00"


def goes_down(lab, set_id):
    lab.place(f"{set_id}-1")
    lab.wait_health("gw1", "down", set_id)


def story(lab):
    lab.start(closed=closed_window(), relay='''$var(set) = $(rU{s.select,0,-});
	if (!frt_relay("$var(set)")) send_reply("500", "No destination");''')
    gw1, gw2, gw3, _gw4, _gw5 = lab.gateways_named("gw1", "gw2", "gw3", "gw4", "gw5")
    gw1.reject(503)

    # what is down says what it was, and what it waits for now
    goes_down(lab, "held")
    text, usable = why(lab, "held", "gw1")
    found = re.fullmatch(r"down \(traffic\): (1 failure \(503\), enough for profile strict; "
                         r"hold ([\d.]+) s); ([\d.]+) s of the hold left", text)
    assert found and not usable, text
    assert 100 < float(found.group(3)) <= float(found.group(2)) <= 220
    lab.log.wait_for("held/gw1 down: " + re.escape(found.group(1)) + "$")
    assert lab.history("held")[0]["reason"] == found.group(1)
    assert lab.dst("gw1", "held")["reason"] == f"down (traffic): {found.group(1)}"
    lab.wait(lambda: float(re.search(r"([\d.]+) s of the hold", why(lab, "held", "gw1")[0]).group(1))
             < float(found.group(3)), "the hold runs")
    lab.rpc("failover_route.set_admin", "held", "gw1", "drain")
    text, usable = why(lab, "held", "gw1")
    assert text.startswith("drained by the operator; down (traffic): ") and "hold left" in text
    lab.rpc("failover_route.set_admin", "held", "gw2", "maint")
    assert why(lab, "held", "gw2") == ("in maintenance", False)
    assert lab.explain("held")["why"] == "no destination is usable"

    goes_down(lab, "delay")
    lab.wait(lambda: re.search(r"; \d+ s of failback-delay left$", why(lab, "delay", "gw1")[0]),
             "only the failback-delay holds it")
    goes_down(lab, "window")
    lab.wait(lambda: why(lab, "window", "gw1")[0].endswith("; waits for a failback window to open"),
             "only the window holds it")
    lab.rpc("failover_route.set_health", "window", "gw2", "down")
    assert why(lab, "window", "gw2") == (
        "down (admin): set down by the operator; until the operator sets it up", False)

    gw3.blackhole()
    lab.wait_health("gw3", "down", "probes")
    assert "down (probe): 2 failed probes (no reply in 300 ms)" in why(lab, "probes", "gw3")[0]
    gw3.answer()
    lab.wait(lambda: re.search(r"; waits for good probes: [1-9]\d* of 50$", why(lab, "probes", "gw3")[0]),
             "it waits for probes", limit=30)

    # the way back
    goes_down(lab, "trial")
    lab.wait_health("gw1", "trial", "trial")
    assert why(lab, "trial", "gw1") == (
        "on trial: waiting for a call to try; share 100 % of its tier; this one would be chosen", True)
    gw1.trying()
    call = lab.call("trial-2")
    lab.wait(lambda: lab.dst("gw1", "trial")["calls"] == 1, "the trial's call is there")
    assert why(lab, "trial", "gw1") == ("on trial: one call is being tried", False)
    assert call.cancel() == 200
    call.wait_final()
    gw1.answer()
    lab.wait_health("gw1", "trial", "trial")
    lab.place("trial-3")
    lab.wait_health("gw1", "ramp", "trial")
    text, usable = why(lab, "trial", "gw1")
    assert re.match(r"slow start: 1[0-5] % of its weight; share ", text) and usable, text

    # up, and yet not the one
    assert why(lab, "plain", "gw1") == (
        "usable; share 100 % of its tier; this one would be chosen", True)
    assert why(lab, "plain", "gw5") == (
        "in a later tier (priority 3): priority 1 still has usable destinations", True)

    def full():
        lab.place("plain-1")
        return why(lab, "plain", "gw1") == ("usable, but full: max-cps of 1 is reached", False)
    lab.wait(full, "gw1 has had its call of this second")
    lab.rpc("failover_route.set_admin", "lossy", "gw1", "maint")
    lab.rpc("failover_route.set_health", "lossy", "gw2", "down")
    lab.rpc("failover_route.set_admin", "lossy", "gw1", "ready")
    assert "spill: the tier has lost weight and keeps 70 % of its calls" in lab.explain("lossy")["why"]
    assert why(lab, "lossy", "gw4")[0].endswith(
        "priority 1 still has usable destinations, but spills 30 % of the calls to this tier")
    assert "spills" not in why(lab, "lossy", "gw5")[0]

    # run time over the file
    lab.rpc("failover_route.remove", "plain", "gw1")
    lab.rpc("failover_route.set_weight", "plain", "gw2", 30)
    lab.rpc("failover_route.add", "plain", "spare", "sip:127.0.0.1:5999", 3, 10)
    text, usable = why(lab, "plain", "gw1")
    assert text.startswith("removed at run time: not in the table until") and not usable
    assert why(lab, "plain", "gw2")[0].startswith("weight 30 set at run time; usable; share 75 %")
    assert why(lab, "plain", "spare")[0].startswith("added at run time; in a later tier (priority 3)")
    assert "removed at run time" in lab.kamcmd("failover_route.explain", "plain")
    lab.rpc("failover_route.overlay_clear", "plain")
    assert "run time" not in str(lab.explain("plain"))
