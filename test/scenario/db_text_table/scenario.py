"""The table from db_text's files, as they are shipped in etc/dbtext."""
from lib.database import Text, only


def story(lab):
    db = Text(lab).create()
    db.insert("set", id="carriers", number=1, try_timeout="500ms", probe_enabled="no")
    db.insert("destination", set_id="carriers", id="gw1", uri=f"sip:{lab.slot.gateway('gw1')}:5060", weight="10")
    db.insert("destination", set_id="carriers", id="gw2", uri=f"sip:{lab.slot.gateway('gw2')}", priority=2)
    db.insert("policy", set_id="carriers", position=1, code="486", route="next", verdict="ignore")
    db.insert("attribute", set_id="carriers", destination_id="gw2", scope="attribute", name="prefix", value="a:b")
    db.insert("attribute", set_id="carriers", scope="health", name="window", value="30s")
    lab.start(modules=db.modules, module=only(db))
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.reject(486)
    lab.place("100")
    assert len(gw1.calls) == 1 and len(gw2.calls) == 1
    assert [d["weight"] for d in lab.set()["destinations"]] == [10, 1]

    db.insert("destination", set_id="carriers", id="gw3", uri="sip:192.0.2.3", admin="maint")
    answer = lab.rpc("failover_route.reload")
    assert (answer["sets"], answer["destinations"]) == (1, 3)
    assert lab.dst("gw3")["admin"] == "maint"

    # more than come in one piece
    text = db.file("destination").read_text()
    row = text.splitlines()[-1]
    db.write("destination", text + "".join(row.replace("gw3", f"more{n}") + "\n" for n in range(2500)))
    assert lab.rpc("failover_route.reload")["destinations"] == 2503
    db.write("destination", text)

    db.insert("destination", set_id="carriers", id="gw4", uri="sip:192.0.2.4", weight="x")
    fault = lab.fault("failover_route.reload")
    assert fault.code == 400
    assert fault.message.startswith("failover_route_destination[carriers/gw4].weight: ")
    assert lab.rpc("failover_route.list")["generation"] == 3
