"""set_admin with db_write_admin: the operator's wish is in the database's row as well.

So it holds after a restart without a state file. If the row cannot be written, the wish
is in force all the same, and the answer and the log say that the database has it not.
"""
from threading import Thread

from lib.database import database
from lib.http import ask_admin

MODULE = 'loadmodule "${module_file}"\n'


def story(lab):
    db = database(lab)
    db.insert("set", id="carriers", number="7", probe_enabled="no")
    for n in (1, 2):
        db.insert("destination", set_id="carriers", id=f"gw{n}", uri=f"sip:{lab.slot.gateway(f'gw{n}')}", priority=n)
    db.insert("set", id="other", probe_enabled="no")
    db.insert("destination", set_id="other", id="gw1", uri="sip:192.0.2.1")
    lab.start(modules=db.modules, module=MODULE + db.modparams
              + 'modparam("failover_route", "db_write_admin", 1)\nmodparam("failover_route", "http_admin", 1)\n',
              http="if (frt_http()) exit;")
    lab.gateways_named("gw1", "gw2")

    def row(dst, set_id="carriers"):
        return db.value(f"SELECT admin FROM failover_route_destination WHERE set_id='{set_id}' AND id='{dst}'")

    untouched = row("gw2")
    answer = lab.rpc("failover_route.set_admin", "7", "gw1", "drain")
    assert (answer["database"], answer["changed"]) == ("written", 1)
    assert row("gw1") == "drain" and row("gw2") == untouched and row("gw1", "other") == untouched
    assert "database: written" in lab.kamcmd("failover_route.set_admin", "carriers", "*", "maint")
    assert (row("gw1"), row("gw2"), row("gw1", "other")) == ("maint", "maint", untouched)
    lab.rpc("failover_route.set_admin", "carriers", "gw2", "ready")
    lab.rpc("failover_route.reload")
    assert [d["admin"] for d in lab.set()["destinations"]] == ["maint", "ready"]
    lab.restart()
    assert [d["admin"] for d in lab.set()["destinations"]] == ["maint", "ready"]

    # SQLite refuses to write while somebody reads: it is tried again
    if hasattr(db, "being_read"):
        answer = []
        with db.being_read():
            asking = Thread(target=lambda: answer.append(
                lab.rpc("failover_route.set_admin", "carriers", "gw2", "drain")))
            asking.start()
            lab.log.wait_for("database is locked")
            assert not answer
        asking.join()
        assert answer[0]["database"] == "written" and row("gw2") == "drain"
        lab.rpc("failover_route.set_admin", "carriers", "gw2", "ready")

    # from the status page: the row follows while the page has its answer
    page = {"set": "7", "destination": "gw2", "admin": "drain"}
    assert ask_admin(lab, page)[0] == 200
    lab.wait(lambda: row("gw2") == "drain", "the row follows the page")
    assert row("gw1") == "maint"
    assert ask_admin(lab, page | {"admin": "ready"})[0] == 200
    lab.wait(lambda: row("gw2") == "ready", "the row follows the page back")

    lab.rpc("failover_route.add", "carriers", "gw9", "sip:192.0.2.9")
    assert lab.rpc("failover_route.set_admin", "carriers", "gw9", "drain")["database"] == "has no such row"
    assert ask_admin(lab, page | {"destination": "gw9", "admin": "maint"})[0] == 200
    lab.log.wait_for("admin of carriers/gw9 was not written: the database has no such row")
    assert lab.fault("failover_route.set_admin", "carriers", "gw8", "drain").code == 404
    assert lab.fault("failover_route.set_admin", "nobody", "*", "drain").code == 404

    db.down()
    lab.allow_log("db_", "<core> .db", "admin of carriers/gw1 was not written")
    answer = lab.rpc("failover_route.set_admin", "carriers", "gw1", "ready")
    assert answer["database"] == "not written; the log says why"
    assert lab.dst("gw1")["admin"] == "ready"
    lab.log.wait_for("admin of carriers/gw1 was not written")
    db.up()
    assert row("gw1") == "maint"
    # a reload does not undo it: the database has not changed its mind
    lab.rpc("failover_route.reload")
    assert lab.dst("gw1")["admin"] == "ready"
