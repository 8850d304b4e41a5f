"""A reload beside an operator's transaction has all of it or nothing of it.

A gateway moves to another address, which wants another prefix: two tables change at once,
again and again, while the tables are read.
"""
import sqlite3
import subprocess
import threading

from lib.database import database, only

ROWS = 3000  # what takes its time between one table and the next
RELAY = '''if (!frt_select("carriers")) exit;
	$var(said) = $du + " " + $xavp(frt=>attr_prefix);
	send_reply("200", "$var(said)");'''
FLIP = '''UPDATE failover_route_destination SET uri = 'sip:192.0.2.%d' WHERE id = 'gw1';
UPDATE failover_route_attribute SET value = '%d' WHERE destination_id = 'gw1';
'''


def story(lab):
    db = database(lab)
    sqlite = db.folder == "db_sqlite"
    if sqlite:
        db.sql("PRAGMA journal_mode=WAL")  # else a writer without end keeps all readers out
        lab.allow_log("db_sqlite.* database is locked", r"<core> .(lib/srdb1/)?db_", "db_sqlite_store_result")
    for set_id in ("carriers", "many"):
        db.insert("set", id=set_id, probe_enabled="no")
    db.insert("destination", set_id="carriers", id="gw1", uri="sip:192.0.2.1")
    db.insert("attribute", set_id="carriers", destination_id="gw1", scope="attribute", name="prefix", value="1")
    rows = ",".join(f"('many', 'd{n}', 'sip:192.1.{n // 250}.{n % 250}')" for n in range(ROWS))
    db.sql("INSERT INTO failover_route_destination (set_id, id, uri) VALUES " + rows)
    lab.start(shm_mb=128, modules=db.modules, module=only(db), relay=RELAY)

    done, failed = threading.Event(), []

    def change():
        flips = "".join("BEGIN;\n" + FLIP % (n % 2 + 1, n % 2 + 1) + "COMMIT;\n" for n in range(200))
        try:
            while not done.is_set():
                db.script(flips)
        except (AssertionError, subprocess.SubprocessError) as error:
            failed.append(error)
    writer = threading.Thread(target=change)
    writer.start()
    seen = set()
    try:
        for n in range(60):
            lab.rpc("failover_route.reload", timeout=60)
            seen.add(lab.place("100", method="MESSAGE").final.phrase)
    finally:
        done.set()
        writer.join()
    assert not failed and seen == {"sip:192.0.2.1 1", "sip:192.0.2.2 2"}
    if sqlite:
        while_written(lab, db)


def while_written(lab, db):
    """db_sqlite is refused at once where somebody writes; the reload is not."""
    db.sql("PRAGMA journal_mode=DELETE")
    before, answers = lab.log.count("database is locked"), []
    with sqlite3.connect(db.path) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        asked = threading.Thread(target=lambda: answers.append(lab.rpc("failover_route.reload", timeout=60)))
        asked.start()
        lab.wait(lambda: lab.log.count("database is locked") > before, "it is refused")
        connection.execute("UPDATE failover_route_destination SET uri = 'sip:192.0.2.7' WHERE id = 'gw1'")
    asked.join()
    assert answers and lab.dst("gw1")["uri"] == "sip:192.0.2.7"
