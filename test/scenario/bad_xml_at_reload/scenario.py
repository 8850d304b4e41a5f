"""A bad file at reload changes nothing, and the RPC says why.

Fault 400 with file:line; the table, health and calls go on as before. `check` finds
the same faults without loading anything, in any file it is given. Metrics and status page
tell of it until a reload is taken.
"""
import json

from lib.http import fetch


def told(lab):
    """Whether it is told that the last reload was refused."""
    metric = [line.split()[1] for line in lab.rpc("failover_route.metrics").splitlines()
              if line.startswith("failover_route_reload_refused ")]
    page = "reload_refused_ms" in json.loads(fetch(lab, "/failover.json")[2])
    assert metric == ["1" if page else "0"], (metric, page)
    return page


def story(lab):
    lab.start(http="if (frt_http()) exit;")
    assert not told(lab)
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.reject(503)
    lab.place_many((100, 101, 102))
    lab.wait_health("gw1", "down")
    before = lab.rpc("failover_route.list")
    good = (lab.work / "failover_route.xml").read_text()

    xml = lab.work / "failover_route.xml"
    for old, new, line in (('priority="2"', 'priority="two"', 5), ("<probe", "<prob", 3),
                           ("</set>", "", 7), ('id="carriers"', 'id="carr iers"', 2)):
        assert old in good
        xml.write_text(good.replace(old, new))
        for command in (("reload",), ("check", str(xml))):
            fault = lab.fault("failover_route." + command[0], *command[1:])
            assert fault.code == 400
            assert f"failover_route.xml:{line}:" in fault.message
        try:
            lab.kamcmd("failover_route.reload")
            raise AssertionError("kamcmd reload took a bad file")
        except lab.RpcFault as fault:
            assert fault.code == 400 and f"failover_route.xml:{line}:" in fault.message

    assert told(lab)
    after = lab.rpc("failover_route.list")
    assert after["generation"] == before["generation"]
    assert [d["health"] for d in after["sets"][0]["destinations"]] == ["down", "up"]
    lab.place("103")
    assert len(gw1.calls) == 3 and len(gw2.calls) == 4

    other = lab.work / "other.xml"
    other.write_text(good)
    answer = lab.rpc("failover_route.check", str(other))
    assert (answer["sets"], answer["destinations"]) == (1, 2)
    assert lab.rpc("failover_route.list")["generation"] == before["generation"]
    assert told(lab), "that a file is good changes nothing"
    # where the operator stands is not where Kamailio does
    assert "expected a whole path" in lab.fault("failover_route.check", "elsewhere.xml").message
    assert lab.fault("failover_route.check", str(lab.work / "none.xml")).code == 400

    xml.write_text(good)
    assert lab.rpc("failover_route.reload")["generation"] == before["generation"] + 1
    assert lab.health("gw1") == "down" and not told(lab)
    lab.allow_log(r"failover_route.xml:\d+: ", "failover_route.xml was not loaded", "none.xml",
                  "failover_route.*(refused|reload)")
