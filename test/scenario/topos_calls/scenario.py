"""With topos, which keeps Via, routes and Contact in a table, calls fail over, and are hung up by either side.

So is the late answer of the gateway that was given up.
"""
import sqlite3
from pathlib import Path

SQL = Path("/usr/share/kamailio/db_sqlite")


def story(lab):
    if not (SQL / "topos-create.sql").exists():
        raise lab.Skip("no kamailio-sqlite-modules")
    with sqlite3.connect(lab.work / "topos.db") as db:
        db.execute("PRAGMA journal_mode = WAL")  # workers write at once, and wait half a second for each other
        for name in "standard-create.sql", "topos-create.sql":
            db.executescript((SQL / name).read_text())
    lab.start(modules=["db_sqlite", "topos"],
              modparams=f'modparam("topos", "db_url", "sqlite:///{lab.work}/topos.db")\n')
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    for plan in [(0, 503, None)], [], [(0.9, 200, None)]:
        gw1.mode = lambda r, p=plan: p
        for transport in "udp", "tcp":
            call = lab.call("100", transport=transport)
            assert call.wait_final() == 200 and call.codes == [180, 200]
            assert gw2.host not in str(call.final.headers) and call.reinvite() == 200
            if transport == "udp":
                assert call.bye() == 200
            else:
                assert gw2.hangup(gw2.calls[-1]).wait() == 200 and call.requests[0].method == "BYE"
            if plan and plan[0][1] == 200:
                lab.wait(lambda c=call: c.call_id in [r.call_id for r in gw1.byes], "the late answer is hung up")
    gw1.reject(503)
    gw2.ringing()
    call = lab.call("100")
    call.wait_code(180)
    assert call.cancel() == 200 and call.wait_final() == 487 and len(gw2.cancels) == 1
    gw2.reject(503)
    lab.place("100", expect=500)
