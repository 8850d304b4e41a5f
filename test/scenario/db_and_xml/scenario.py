"""File and database together: each has sets of its own, and a set of the file may have
its destinations in the database. A set in both is an error that names both places."""
from lib.database import database


def story(lab):
    db = database(lab)
    db.insert("set", id="spare")
    db.insert("destination", set_id="spare", id="s1", uri="sip:192.0.2.1")
    db.insert("destination", set_id="carriers", id="gw4", uri=f"sip:{lab.slot.gateway('gw4')}", priority=1)
    db.insert("attribute", set_id="carriers", destination_id="gw4", scope="attribute", name="prefix", value="7")
    lab.start(modules=db.modules, modparams=db.modparams)
    gw4 = lab.gateway("gw4")
    answer = lab.rpc("failover_route.reload")
    assert (answer["sets"], answer["destinations"], answer["warnings"]) == (2, 5, [])
    assert [d["id"] for d in lab.set()["destinations"]] == ["gw1", "gw4", "gw2", "gw3"]
    # the file's <defaults> hold for the database's sets
    assert lab.set("spare")["strategy"] == "hash"
    lab.rpc("failover_route.set_admin", "carriers", "gw1", "maint")
    lab.place("100")
    assert gw4.users == ["100"]

    for statement, said in (
            ("INSERT INTO failover_route_set (id) VALUES ('carriers')",
             'failover_route_set[carriers]: <set id="carriers">: the id is already used at '),
            ("INSERT INTO failover_route_destination (set_id, id, uri) VALUES ('carriers', 'gw2', 'sip:192.0.2.2')",
             'failover_route_destination[carriers/gw2]: <destination id="gw2">: the id is already used in this set at '),
            ("INSERT INTO failover_route_policy (set_id, position, code, route) VALUES ('carriers', 1, '486', 'next')",
             'failover_route_policy[carriers/1].set_id: set_id="carriers": the set is not in the database, '
             'only its destinations')):
        db.sql(statement)
        assert lab.fault("failover_route.reload").code == 400
        first = lab.rpc("failover_route.check", "*", "all")["errors"][0]
        assert first.startswith(said)
        if "already" in said:
            assert "failover_route.xml:" in first
        table = statement.split()[2]
        db.sql(f"DELETE FROM {table} WHERE {'id' if table.endswith('_set') else 'set_id'}='carriers'"
               + (" AND id='gw2'" if table.endswith("destination") else ""))
    # what is wrong in one source does not hide the other
    db.sql("UPDATE failover_route_destination SET weight='x' WHERE id='s1'")
    lab.edit_xml(('number="1"', 'number="one"'))
    errors = lab.rpc("failover_route.check", "*", "all")["errors"]
    assert len(errors) == 2 and "failover_route.xml:" in errors[0] and "[spare/s1].weight" in errors[1]
    # a file alone is checked alone
    assert len(lab.rpc("failover_route.check", str(lab.work / "failover_route.xml"), "all")["errors"]) == 1
