"""history by set, destination and time; failover and failback say when, from where, to where, why.

All of the ring, events of the set included, is there after a restart and after a crash.
"""
import time


def ask(lab, *args):
    return lab.rpc("failover_route.history", *args)["transitions"]


def names(transitions):
    return [(t["event"], t["set"], t["destination"]) for t in reversed(transitions)]


def story(lab):
    lab.start(modparams='modparam("failover_route", "state_interval", 1)')
    gw1, _gw2 = lab.gateways_named("gw1", "gw2")
    began = int(time.time() * 1000)
    gw1.reject(503)
    lab.place_many((100, 101, 102))
    lab.wait_health("gw1", "down")
    gw1.answer()
    lab.wait(lambda: lab.place("103") and lab.health("gw1") == "up", "gw1 is up")
    lab.wait(lambda: any(t["event"] == "failback" for t in ask(lab)), "the failback is told")
    middle = max(t["time"] for t in ask(lab)) + 1
    time.sleep(0.05)
    lab.rpc("failover_route.set_health", "other", "gw10", "down")
    lab.rpc("failover_route.set_health", "other", "gw1", "down")

    told = ask(lab, "carriers")
    assert names(told) == [("set-failover", "carriers", "gw1"), ("dst-down", "carriers", "gw1"),
                           ("change", "carriers", "gw1"), ("dst-up", "carriers", "gw1"),
                           ("failback", "carriers", "gw1")]
    away, back = told[4], told[0]
    assert (away["from"], away["to"], away["source"]) == ("priority 1", "priority 2", "traffic")
    assert away["reason"].startswith("calls go from priority 1 to priority 2; gw1 went down: 3 ")
    assert (back["from"], back["to"]) == ("priority 2", "priority 1")
    assert back["reason"] == "calls go back from priority 2 to priority 1; gw1 went up: trial call answered"
    assert began - 1000 < away["time"] <= told[3]["time"] < back["time"] < middle
    lab.log.wait_for("carriers failover: calls go from priority 1 to priority 2; gw1 went down: ")
    lab.log.wait_for("carriers failback: calls go back from priority 2 to priority 1; gw1 went up")

    # a destination is its name, not what begins like it
    assert {t["set"] for t in ask(lab, "*", 50, "gw1")} == {"carriers", "other"}
    assert names(ask(lab, "other", 50, "gw10")) == [("dst-down", "other", "gw10")]
    assert names(ask(lab, "other", 50, "gw1")) == [("dst-down", "other", "gw1")]
    assert ask(lab, "carriers", 50, "gw2") == []
    assert len(ask(lab, "*", 50, "*")) == len(ask(lab))

    # time: as the answers have it, and as an operator says it
    assert {t["set"] for t in ask(lab, "*", 50, "*", str(middle))} == {"other"}
    assert ask(lab, "*", 50, "*", "*", str(middle)) == told
    assert ask(lab, "*", 50, "gw1", away["at"], back["at"]) == [
        t for t in told if away["time"] <= t["time"] <= back["time"]]
    assert len(ask(lab, "*", 50, "*", "10m")) == len(ask(lab)) and ask(lab, "*", 50, "*", "*", "10m") == []
    assert ask(lab, "*", 1, "*", "1h") == ask(lab, "*", 1)
    assert "gw10" in lab.kamcmd("failover_route.history", "*", "5", "gw10", "10m")
    assert "carriers" not in lab.kamcmd("failover_route.history", "*", "5", "*", f"s:{middle}")
    for bad, code in ((("*", 5, "*", "yesterday"), 400), (("*", 5, "*", "10"), None),
                      (("carriers", 5, "gw9"), 404), (("*", 5, "gw9"), 404),
                      (("*", 5, "*", "1m", "1m", "1m"), 400), (("*", 5, "*", "10m", "20m"), 400)):
        if code:
            assert lab.fault("failover_route.history", *bad).code == code, bad

    # what was, is still known after a reload, a restart and a crash
    lab.edit_xml(('    <destination id="gw10" uri="sip:${gw3}"/>\n', ""))
    lab.rpc("failover_route.reload")
    assert names(ask(lab, "other", 50, "gw10")) == [("dst-down", "other", "gw10")]
    before = ask(lab, "*", 100)
    lab.restart()
    assert ask(lab, "*", 100)[-len(before):] == before
    lab.rpc("failover_route.set_admin", "carriers", "gw1", "maint")
    down, away = ask(lab, "carriers", 2)
    assert (down["event"], away["event"]) == ("dst-down", "set-failover")
    assert "gw1: taken out by the operator" in away["reason"] and away["source"] == "admin"
    before = ask(lab, "*", 100)
    state = lab.work / "state"
    lab.wait(lambda: state.read_text().count("\nevent ") >= len(before), "the state is written")
    lab.kill()
    lab.kamailio.start(64)
    assert ask(lab, "*", 100)[-len(before):] == before
