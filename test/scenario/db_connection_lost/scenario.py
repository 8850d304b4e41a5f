"""The connection to the database is lost while the tables are read: the reload is refused, and
the table stays.

db_mysql and db_postgres make another one by themselves and go on, but that reads what others have
changed meanwhile: a gateway's new address with its old prefix. While the reload waits for a
table that somebody has locked, others are refused and calls go on; Kamailio can be stopped.
SQLite has no connection to lose, and is locked as a whole.
"""
import sqlite3
import threading
from http.client import HTTPException

from lib.database import Server, database, only

RELAY = '''if (!frt_select("carriers")) exit;
	$var(said) = $du + " " + $xavp(frt=>attr_prefix);
	send_reply("200", "$var(said)");'''


class Reload(threading.Thread):
    """One that waits; answer: what came of it at last."""

    def __init__(self, lab):
        super().__init__()
        self.lab, self.answer = lab, None
        self.start()

    def run(self):
        try:
            self.answer = self.lab.rpc("failover_route.reload", timeout=60)
        except (self.lab.RpcFault, OSError, HTTPException) as fault:
            self.answer = fault

    def fault(self):
        self.join()
        assert isinstance(self.answer, self.lab.RpcFault) and self.answer.code == 400, self.answer
        return self.answer.message


def said(lab):
    return lab.place("100", method="MESSAGE").final.phrase


def others_go_on(lab, reload):
    assert lab.fault("failover_route.reload").code == 409
    try:
        lab.kamcmd("failover_route.reload")
        raise AssertionError("kamcmd reloads beside it")
    except lab.RpcFault as fault:
        assert fault.code == 409
    assert said(lab) == "sip:192.0.2.1 1" and reload.answer is None


def lost(lab, db):
    def waits_for(table):
        reload = Reload(lab)
        lab.wait(db.waiting, f"it waits for {table}")
        return reload

    with db.held("attribute") as says:
        reload = waits_for("attribute")
        others_go_on(lab, reload)
        db.sql("UPDATE failover_route_destination SET uri='sip:192.0.2.2'")
        says("UPDATE failover_route_attribute SET value='2'")
        db.end(db.waiting()[0])
    assert "the connection was lost" in reload.fault() and said(lab) == "sip:192.0.2.1 1"
    assert lab.rpc("failover_route.list")["generation"] == 1
    assert lab.rpc("failover_route.reload")["changes"] == "1 destination changed"
    assert said(lab) == "sip:192.0.2.2 2"

    # held for a while, and then given: it has all of it
    with db.held("attribute"):
        reload = waits_for("attribute")
        assert said(lab) == "sip:192.0.2.2 2"
    reload.join()
    assert reload.answer["generation"] == 3

    with db.held("destination"):
        reload = waits_for("destination")
        lab.stop()
    reload.join()


def locked(lab, db):
    with sqlite3.connect(db.path) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        reload = Reload(lab)
        lab.log.wait_for("database is locked")
        others_go_on(lab, reload)
        assert "the log says what the database answered" in reload.fault()
        assert lab.rpc("failover_route.list")["generation"] == 1
        before = lab.log.count("database is locked")
        reload = Reload(lab)
        lab.wait(lambda: lab.log.count("database is locked") > before, "it waits again")
        lab.stop()
    reload.join()


def story(lab):
    db = database(lab)
    lab.allow_log("db_mysql", "db_postgres", "db_sqlite", "<core> .db", "reload refused", "was lost")
    db.insert("set", id="carriers", probe_enabled="no")
    db.insert("destination", set_id="carriers", id="gw1", uri="sip:192.0.2.1")
    db.insert("attribute", set_id="carriers", destination_id="gw1", scope="attribute", name="prefix", value="1")
    # db_mysql itself would else take a connection for lost that is silent for 2 s
    patient = 'modparam("db_mysql", "timeout_interval", 60)\n' if db.folder == "mysql" else ""
    lab.start(modules=db.modules, module=only(db) + patient, relay=RELAY)
    (lost if isinstance(db, Server) else locked)(lab, db)
