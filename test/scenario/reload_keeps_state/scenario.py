"""A reload keeps health, admin state, holds and counters; only what changed changes.

Peers row 1: dispatcher's reload sets down and operator-disabled destinations active
again. A removed destination is gone and a new one is there at once.
"""

KEPT = ("health", "admin", "sources", "attempts", "ok", "failed", "timeouts", "failovers", "reason")


def kept(lab, dst_id):
    told = lab.dst(dst_id)
    return {k: told[k] for k in KEPT}


def story(lab):
    lab.start()
    gw1, gw2, gw3, gw4 = lab.gateways_named("gw1", "gw2", "gw3", "gw4")
    gw1.reject(503)
    lab.place_many((100, 101, 102))
    lab.wait_health("gw1", "down")
    lab.rpc("failover_route.set_admin", "carriers", "gw2", "maint")
    lab.place("103")
    generation = lab.rpc("failover_route.list")["generation"]
    before = {g: kept(lab, g) for g in ("gw1", "gw2", "gw3")}
    hold = lab.dst("gw1")["hold_ms"]
    assert before["gw2"]["admin"] == "maint" and before["gw1"]["health"] == "down"

    for _ in range(3):
        lab.rpc("failover_route.reload")
    assert lab.rpc("failover_route.list")["generation"] == generation + 3
    assert {g: kept(lab, g) for g in before} == before
    assert 0 < lab.dst("gw1")["hold_ms"] <= hold
    lab.place("104")
    assert len(gw1.calls) == 3 and len(gw2.calls) == 3 and len(gw3.calls) == 2

    # gw3 goes, gw4 comes, gw1 gets another weight
    lab.edit_xml(('id="gw3" uri="sip:${gw3}"', 'id="gw4" uri="sip:${gw4}"'),
                 ('uri="sip:${gw1}"', 'uri="sip:${gw1}" weight="7"'))
    lab.rpc("failover_route.reload")
    assert [d["id"] for d in lab.set()["destinations"]] == ["gw1", "gw2", "gw4"]
    assert lab.dst("gw1")["weight"] == 7
    assert {g: kept(lab, g) for g in ("gw1", "gw2")} == {g: before[g] for g in ("gw1", "gw2")}
    lab.place("105")
    assert len(gw4.calls) == 1 and len(gw3.calls) == 2
    assert lab.fault("failover_route.set_health", "carriers", "gw3", "up").code == 404
