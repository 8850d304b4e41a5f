"""A database that takes for ever holds nobody up: not calls, not other commands.

db_text's file is a FIFO that nobody writes to, so the reload waits in fopen(). It was
asked for over HTTP, in the only worker for HTTP, which must go on answering.
"""
import os
import threading

from lib.database import Text, only


def story(lab):
    db = Text(lab).create()
    db.insert("set", id="carriers", try_timeout="500ms", probe_enabled="no")
    db.insert("destination", set_id="carriers", id="gw1", uri=f"sip:{lab.slot.gateway('gw1')}")
    lab.start(modules=db.modules, module=only(db))
    lab.gateway("gw1")
    text = db.file("destination").read_text()
    db.file("destination").unlink()
    os.mkfifo(db.file("destination"))
    os.utime(db.file("destination"), (2_000_000_000, 2_000_000_000))

    answers = []
    asked = threading.Thread(target=lambda: answers.append(lab.rpc("failover_route.reload", timeout=60)))
    asked.start()
    for user in range(100, 110):
        lab.place(str(user))
        assert lab.rpc("failover_route.list")["generation"] == 1
    # one reload is under way
    lab.wait(lambda: lab.fault("failover_route.add", "carriers", "gw2", "sip:192.0.2.2").code == 409, "the reload waits")
    assert answers == []

    writer = os.open(db.file("destination"), os.O_WRONLY)
    os.write(writer, text.replace(":gw1:", ":gw7:").encode())
    os.close(writer)
    asked.join(30)
    assert answers and answers[0]["generation"] == 2
    assert lab.dst("gw7")["health"] == "up"
