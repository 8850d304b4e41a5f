"""A database that takes for ever holds nobody up: not calls, not other commands.

db_text's file is a FIFO that nobody writes to, so the reload waits in fopen(). It was
asked for over HTTP, in the only worker for HTTP, which must go on answering. An
operator's wish is in force at once, though its row can be written only later.
"""
import os
import threading

from lib.database import Text, only


def story(lab):
    db = Text(lab).create()
    db.insert("set", id="carriers", try_timeout="500ms", probe_enabled="no")
    db.insert("destination", set_id="carriers", id="gw1", uri=f"sip:{lab.slot.gateway('gw1')}")
    lab.start(modules=db.modules, module=only(db) + 'modparam("failover_route", "db_write_admin", 1)\n')
    lab.gateway("gw1")
    text = db.file("destination").read_text()
    db.file("destination").unlink()
    os.mkfifo(db.file("destination"))
    os.utime(db.file("destination"), (2_000_000_000, 2_000_000_000))

    answers = {}

    def ask(command, *params):
        def body():
            answers[command] = lab.rpc("failover_route." + command, *params, timeout=60)
        thread = threading.Thread(target=body)
        thread.start()
        return thread
    asked = ask("reload")
    for user in range(100, 110):
        lab.place(str(user))
        assert lab.rpc("failover_route.list")["generation"] == 1
    # one reload is under way, and that is all that is refused
    assert lab.fault("failover_route.reload").code == 409
    lab.rpc("failover_route.add", "carriers", "gw2", "sip:192.0.2.2")
    wish = ask("set_admin", "carriers", "gw2", "maint")
    lab.wait(lambda: lab.dst("gw2")["admin"] == "maint", "gw2 is in maint")
    assert answers == {}

    writer = os.open(db.file("destination"), os.O_WRONLY)
    os.write(writer, text.replace(":gw1:", ":gw7:").encode())
    os.close(writer)
    asked.join(30)
    wish.join(30)
    assert answers["reload"]["generation"] == 3 and answers["set_admin"]["database"] == "has no such row"
    assert lab.dst("gw2")["admin"] == "maint"
    assert [d["id"] for d in lab.set()["destinations"]] == ["gw7", "gw2"]
