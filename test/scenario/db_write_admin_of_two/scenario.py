"""Two Kamailios with one database and db_write_admin: what an operator has set at the one, and
written there, does not hide from it what the other's has written since.

Nor does what is written undo a wish: the row follows, and a reload, names that change and
other changes at run time leave it as it is.
"""
import itertools

from lib.database import database

WORDS = ("maint", "drain", "ready")


def story(lab):
    db = database(lab)
    lab.dns({("pool.test", "A"): [(1, "192.0.2.1"), (1, "192.0.2.2")]}, hostile=True)
    db.insert("destination", set_id="carriers", id="pool", uri="sip:pool.test", resolve="host")
    db.insert("destination", set_id="carriers", id="gw2", uri="sip:192.0.2.3")
    lab.start(modules=db.modules, modparams=db.modparams
              + 'modparam("failover_route", "db_write_admin", 1)\n')

    def admins():
        return {d["id"]: d["admin"] for d in lab.set()["destinations"]}

    def now(word, file="ready"):
        return {"pool/192.0.2.1": word, "pool/192.0.2.2": word, "gw2": word, "gw1": file}
    lab.wait(lambda: admins() == now("ready"), "the name's addresses")

    def other(word):
        """What another Kamailio's operator has set: its row, and a reload here."""
        db.sql(f"UPDATE failover_route_destination SET admin='{word}'")
        lab.rpc("failover_route.reload")

    weights = iter(range(1, 100))
    for was, mine, theirs in itertools.product(WORDS, repeat=3):
        other(was)
        for dst in ("pool", "gw2"):
            assert lab.rpc("failover_route.set_admin", "carriers", dst, mine)["database"] == "written"
        lab.rpc("failover_route.set_weight", "carriers", "gw2", next(weights))
        assert admins() == now(mine)
        other(theirs)
        assert admins() == now(theirs), f"{was}, then {mine}, then {theirs} by another"
        assert lab.rpc("failover_route.reload")["changes"] == "nothing changed"

    # all of a set: those of the file have no row, and their source says nothing new
    lab.rpc("failover_route.set_admin", "carriers", "*", "drain")
    lab.rpc("failover_route.reload")
    assert admins() == now("drain", "drain")
    other("ready")
    assert admins() == now("ready", "drain")
    lab.rpc("failover_route.set_admin", "carriers", "gw1", "ready")

    # and over a restart
    lab.rpc("failover_route.set_admin", "carriers", "gw2", "maint")
    lab.rpc("failover_route.set_admin", "carriers", "pool", "drain")
    lab.restart()
    assert admins() == {**now("drain"), "gw2": "maint"}
    other("ready")
    lab.rpc("failover_route.set_admin", "carriers", "gw2", "drain")
    lab.stop()
    db.sql("UPDATE failover_route_destination SET admin='ready'")
    lab.kamailio.start()
    assert admins() == now("ready")
