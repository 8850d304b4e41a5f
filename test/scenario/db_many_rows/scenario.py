"""Thousands of rows through the 8 MB of a process's own memory that Kamailio has here.

db_sqlite hands over a whole result, about 1 KB a destination; a server's comes in pieces.
"""
from lib.database import database, only


def story(lab):
    db = database(lab)
    count = 5000 if db.folder == "db_sqlite" else 20000
    db.insert("set", id="carriers", probe_enabled="no")
    rows = ",".join(f"('carriers', 'gw{n}', 'sip:192.0.{n // 250}.{n % 250}:5060', '1', '0')" for n in range(count))
    db.sql("INSERT INTO failover_route_destination (set_id, id, uri, priority, weight) VALUES " + rows)
    db.insert("destination", set_id="carriers", id="last", uri=f"sip:{lab.slot.gateway('gw1')}", weight="65535")
    lab.start(shm_mb=256, modules=db.modules, module=only(db))
    gw1 = lab.gateway("gw1")
    for _ in range(3):
        assert lab.rpc("failover_route.reload", timeout=60)["destinations"] == count + 1
    lab.place("100")
    assert gw1.users == ["100"]
