"""The connection to the database is lost while the tables are read: the reload is refused, and
the table stays.

db_mysql and db_postgres make another one by themselves and go on, but that reads what others have
changed meanwhile: a gateway's new address with its old prefix. While the reload waits for a
table that somebody has locked, others are refused and calls go on; Kamailio can be stopped.
"""
import threading
from http.client import HTTPException

from lib.database import Server, database, only

RELAY = '''if (!frt_select("carriers")) exit;
	$var(said) = $du + " " + $xavp(frt=>attr_prefix);
	send_reply("200", "$var(said)");'''


def story(lab):
    db = database(lab)
    if not isinstance(db, Server):
        raise lab.Skip("a database without connections")
    lab.allow_log("db_mysql", "db_postgres", "<core> .(lib/srdb1/)?db_", "reload refused", "was lost")
    db.insert("set", id="carriers", probe_enabled="no")
    db.insert("destination", set_id="carriers", id="gw1", uri="sip:192.0.2.1")
    db.insert("attribute", set_id="carriers", destination_id="gw1", scope="attribute", name="prefix", value="1")
    # db_mysql itself would else take a connection for lost that is silent for 2 s
    patient = 'modparam("db_mysql", "timeout_interval", 60)\n' if db.folder == "mysql" else ""
    lab.start(modules=db.modules, module=only(db) + patient, relay=RELAY)
    answers = []

    def reload():
        try:
            answers.append(lab.rpc("failover_route.reload", timeout=60))
        except (lab.RpcFault, OSError, HTTPException) as fault:
            answers.append(fault)

    def waits_for(table):
        """A reload that has begun, and the connection by which it waits."""
        asked = threading.Thread(target=reload)
        asked.start()
        lab.wait(db.waiting, f"it waits for {table}")
        return asked, db.waiting()[0]

    def said():
        return lab.place("100", method="MESSAGE").final.phrase

    with db.held("attribute") as says:
        asked, connection = waits_for("attribute")
        assert lab.fault("failover_route.reload").code == 409
        try:
            lab.kamcmd("failover_route.reload")
            raise AssertionError("kamcmd reloads beside it")
        except lab.RpcFault as fault:
            assert fault.code == 409
        assert said() == "sip:192.0.2.1 1" and not answers
        db.sql("UPDATE failover_route_destination SET uri='sip:192.0.2.2'")
        says("UPDATE failover_route_attribute SET value='2'")
        db.end(connection)
    asked.join()
    assert isinstance(answers[0], lab.RpcFault), said()
    assert answers[0].code == 400 and "the connection was lost" in answers[0].message
    assert lab.rpc("failover_route.list")["generation"] == 1 and said() == "sip:192.0.2.1 1"
    assert lab.rpc("failover_route.reload")["changes"] == "1 destination changed"
    assert said() == "sip:192.0.2.2 2"

    # held for long, and then given: it has all of it
    with db.held("attribute"):
        asked, _ = waits_for("attribute")
        assert said() == "sip:192.0.2.2 2"
    asked.join()
    assert answers[1]["generation"] == 3

    with db.held("destination"):
        asked, _ = waits_for("destination")
        lab.stop()
    asked.join()
