"""etc/kamailio-trunk-cdr.cfg with a database: each call's path is a column of its row in acc.

Answered, refused, failed, cancelled and impossible calls, after failover and in parallel;
the log has the same. The table is the one that is shipped for it.
"""
import re
import sqlite3
from pathlib import Path

TABLES = Path("/usr/share/kamailio/db_sqlite")


def make_database(lab):
    with sqlite3.connect(lab.work / "cdr.sqlite") as db:
        db.execute("PRAGMA journal_mode = WAL")  # who reads here holds up nobody
        db.executescript((TABLES / "standard-create.sql").read_text())
        db.executescript((lab.root / "etc/acc-sqlite.sql").read_text())


def row(lab, call, method="INVITE"):
    """(code, path, set, destination) of the one row of this call; the log says the same."""
    def rows():
        with sqlite3.connect(lab.work / "cdr.sqlite") as db:
            return db.execute("SELECT sip_code, frt_path, frt_set, frt_dst FROM acc "
                              "WHERE callid = ? AND method = ?", (call.call_id, method)).fetchall()
    lab.wait(rows, f"the row of {call.call_id}")
    pattern = rf"ACC: .*method={method};.*call_id={re.escape(call.call_id)};"
    line = dict(re.findall(r"(\w+)=([^;]*)", lab.log.wait_for(pattern)))
    assert len(rows()) == 1 and lab.log.count(pattern) == 1
    told = tuple(value or "" for value in rows()[0])
    assert told == (line["code"], line["frt_path"], line["frt_set"], line["frt_dst"])
    return told


def answered(lab, user):
    """db_sqlite waits for no other writer: nothing goes on before the last row is there."""
    call = lab.call(user)
    assert call.wait_final() == 200
    told = row(lab, call)
    assert call.bye() == 200
    assert row(lab, call, "BYE") == ("200", "", "", "")
    return told


def story(lab):
    if not (TABLES / "standard-create.sql").exists():
        raise lab.Skip("no kamailio-sqlite-modules")
    lab.kamailio.rpc.ctl_socket = lab.work / "kamailio_ctl"
    make_database(lab)
    lab.start(module_folder=str(Path(lab.variables["module_file"]).parent))
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")

    assert answered(lab, "100") == ("200", "gw1:200", "carriers", "gw1")
    gw1.reject(503)
    assert answered(lab, "101") == ("200", "gw1:503>gw2:200", "carriers", "gw2")
    gw2.deaf()
    assert answered(lab, "102") == ("200", "gw1:503>gw2:408>gw3:200", "carriers", "gw3")
    gw3.reject(486)
    assert row(lab, lab.place("103", expect=486)) == (
        "486", "gw1:503>gw2:408>gw3:486", "carriers", "gw3")
    gw2.reject(503)
    gw3.reject(503)
    assert row(lab, lab.place("104", expect=500)) == (
        "500", "gw1:503>gw2:503>gw3:503", "carriers", "gw3")

    # the caller hangs up: before any failover, after it, while nobody has said a thing
    gw2.ringing()
    call = lab.call("105")
    call.wait_code(180)
    assert call.cancel() == 200 and call.wait_final() == 487
    assert row(lab, call) == ("487", "gw1:503>gw2:487", "carriers", "gw2")
    gw1.ringing()
    call = lab.call("106")
    call.wait_code(180)
    assert call.cancel() == 200 and call.wait_final() == 487
    assert row(lab, call) == ("487", "gw1:487", "carriers", "gw1")
    gw1.reject(503)
    gw2.deaf()
    seen = len(gw2.calls)
    call = lab.call("107")
    gw2.wait_calls(seen + 1)
    assert call.cancel() == 200 and call.wait_final() == 487
    assert row(lab, call)[:2] == ("487", "gw1:503>gw2:408")

    # at once: who was cancelled for another's sake has no code
    lab.edit_xml(('<set id="carriers"', '<set id="carriers" strategy="parallel"'),
                 ('uri="sip:${gw2}" priority="2"', 'uri="sip:${gw2}" priority="1"'))
    lab.kamcmd("failover_route.reload")
    gw1.ringing()
    gw2.answer()
    code, path, _set, dst = answered(lab, "108")
    assert code == "200" and dst == "gw2" and path in ("gw1+gw2:200", "gw2:200+gw1"), path
    gw1.reject(503)
    gw2.reject(503)
    gw3.answer()
    code, path, _set, dst = answered(lab, "109")
    assert code == "200" and dst == "gw3"
    assert path in ("gw1:503+gw2:503>gw3:200", "gw2:503+gw1:503>gw3:200"), path

    # nobody may have the call: no path, but a row
    lab.kamcmd("failover_route.set_admin", "carriers", "*", "maint")
    assert row(lab, lab.place("110", expect=500)) == ("500", "", "", "")
