"""Health, admin state and hold-down survive a restart, and a power cut as well.

Peers rows 1 and 19: nothing of dispatcher's state survives. The state file is written
whole or not at all; a broken one is ignored and said so, not fatal.
"""


def as_it_was(lab):
    assert lab.health("gw1") == "down" and lab.dst("gw1")["sources"] == ["traffic"]
    assert 15000 < lab.dst("gw1")["hold_ms"] <= 72000
    assert lab.dst("gw2")["admin"] == "maint" and lab.health("gw2") == "up"
    assert lab.dst("gw3")["admin"] == "ready" and lab.health("gw3") == "up"
    lab.place("200")


def story(lab):
    lab.start(modparams='modparam("failover_route", "state_interval", 1)')
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    gw1.reject(503)
    lab.place_many((100, 101, 102))
    lab.wait_health("gw1", "down")
    lab.rpc("failover_route.set_admin", "carriers", "gw2", "maint")
    gw1.answer()
    gw1.clear()
    gw2.clear()

    lab.restart()
    as_it_was(lab)
    lab.rpc("failover_route.set_admin", "carriers", "gw2", "ready")
    lab.rpc("failover_route.set_admin", "carriers", "gw3", "drain")
    lab.restart()
    assert [lab.dst(g)["admin"] for g in ("gw1", "gw2", "gw3")] == ["ready", "ready", "drain"]
    lab.rpc("failover_route.set_admin", "carriers", "gw2", "maint")
    lab.rpc("failover_route.set_admin", "carriers", "gw3", "ready")
    state = lab.work / "state"
    lab.wait(lambda: all(f"id={gw} admin={wish} " in state.read_text() for gw, wish in (("gw2", "maint"), ("gw3", "ready"))),
             "the state file is written")
    lab.kill()
    lab.kamailio.start()
    as_it_was(lab)
    assert gw1.calls == [] and gw2.calls == [] and len(gw3.calls) == 2
    assert not list(lab.work.glob("state?*"))  # no temporary file is left

    # a link stays one, also where its file is still to come
    lab.stop()
    real = lab.work / "elsewhere"
    real.mkdir()
    state.unlink()
    state.symlink_to("elsewhere/state")
    lab.kamailio.start()
    assert lab.dst("gw2")["admin"] == "ready"
    lab.rpc("failover_route.set_admin", "carriers", "gw2", "maint")
    lab.wait(lambda: (real / "state").exists(), "the state file is where the link leads")
    lab.restart()
    assert lab.dst("gw2")["admin"] == "maint"
    assert [p.name for p in real.iterdir()] == ["state"] and state.is_symlink()
    assert not list(lab.work.glob("state?*"))

    lab.stop()
    state.write_text(state.read_text()[: state.stat().st_size // 2] + "\0garbage")
    lab.kamailio.start()
    assert lab.dst("gw3")["health"] == "up"
    lab.place("201")
    lab.allow_log("state")
    assert lab.log.find("WARNING.*state|ERROR.*state")
