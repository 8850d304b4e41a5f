"""A bad row refuses the whole database, and the error names table, row and column.

At start Kamailio does not start; at a reload the table stays as it is. All faults of all
rows come at once, with the words that a file's faults have.
"""
from lib.database import database, only

FAULTS = (
    ("UPDATE failover_route_set SET try_timeout='4' WHERE id='carriers'",
     'failover_route_set[carriers].try_timeout: <set id="carriers">: try-timeout="4": '
     'expected a duration 100ms..3m with its unit, such as 500ms, 4s or 5m'),
    ("UPDATE failover_route_destination SET uri='tel:1' WHERE id='gw1'",
     'failover_route_destination[carriers/gw1].uri: <destination id="gw1">: uri="tel:1": expected a sip: or sips: URI'),
    ("UPDATE failover_route_destination SET uri=NULL WHERE id='gw1'",
     'failover_route_destination[carriers/gw1].uri: <destination id="gw1">: uri is missing'),
    ("UPDATE failover_route_destination SET set_id='nobody' WHERE id='gw2'",
     'failover_route_destination[nobody/gw2].set_id: set_id="nobody": no such set'),
    ("INSERT INTO failover_route_policy (set_id, position, code, route) VALUES ('carriers', 5, '99', 'next')",
     'failover_route_policy[carriers/5].code: <on> of <set id="carriers">: code="99": expected'),
    ("INSERT INTO failover_route_attribute (set_id, scope, name, value) VALUES ('carriers', 'health', 'windw', '1s')",
     'failover_route_attribute[carriers health windw].value: <health> of <set id="carriers">: '
     'unknown attribute "windw" (did you mean "window"?)'),
    ("INSERT INTO failover_route_set (id, number) VALUES ('empty', '1')",
     'failover_route_set[empty]: <set id="empty">: number="1" is already used at failover_route_set[carriers]'),
    ("UPDATE version SET table_version=7 WHERE table_name='failover_route_policy'",
     "failover_route_policy: the table version has 7 for it; expected 1 (see the SQL files)"),
    ("ALTER TABLE failover_route_attribute RENAME TO other",
     "failover_route_attribute: the table cannot be read; the log says what the database answered"),
)


ESCAPE = {ord(c): "\\" + c for c in r"[]()?.+*"}


def fresh(lab):
    db = database(lab)
    db.insert("set", id="carriers", number="1", probe_enabled="no")
    for gw in ("gw1", "gw2"):
        db.insert("destination", set_id="carriers", id=gw, uri=f"sip:{lab.slot.gateway(gw)}")
    return db


def story(lab):
    db = fresh(lab)
    lab.allow_log(".*")
    lab.start(modules=db.modules, module=only(db))
    for statement, said in FAULTS:
        db = fresh(lab)
        db.sql(statement)
        fault = lab.fault("failover_route.reload")
        # a fault's text is short over HTTP, and the log has all of it
        assert fault.code == 400 and fault.message.startswith(said[:100])
        lab.log.wait_for(f"reload refused: {said.translate(ESCAPE)}")
        assert said in lab.rpc("failover_route.check", "*", "all")["errors"][0]
        assert lab.rpc("failover_route.list")["generation"] == 1
        assert lab.set()["destinations"][0]["uri"].startswith("sip:")
    lab.stop()
    for statement, said in FAULTS[:3]:
        db = fresh(lab)
        db.sql(statement)
        assert lab.kamailio.refuses_to_start() != 0
        assert lab.log.find(f"first_load.*: {said.translate(ESCAPE)}")

    db = fresh(lab)
    db.sql("UPDATE failover_route_set SET deadline='never', strategy='best', health_fall='0'",
           "UPDATE failover_route_destination SET weight='-1', socket='here', admin='away'")
    assert lab.kamailio.refuses_to_start() != 0
    for said in (r"set\[carriers\].deadline", r"set\[carriers\].strategy", r"set\[carriers\].health_fall",
                 *(rf"destination\[carriers/gw{n}\].{c}" for n in (1, 2) for c in ("weight", "socket", "admin"))):
        assert lab.log.find(rf"first_load.*: failover_route_{said}: ")
    db = fresh(lab)
    lab.kamailio.start()
    assert lab.set()["number"] == 1
