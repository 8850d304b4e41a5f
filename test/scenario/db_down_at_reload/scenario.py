"""The database is away at a reload: the table stays, the error says so, calls go on.

At start it is an error like a bad file: Kamailio does not start.
"""
from lib.database import database, only


def story(lab):
    db = database(lab)
    db.insert("set", id="carriers", probe_enabled="no", try_timeout="500ms")
    for n in (1, 2):
        db.insert("destination", set_id="carriers", id=f"gw{n}", uri=f"sip:{lab.slot.gateway(f'gw{n}')}", priority=n)
    lab.start(modules=db.modules, module=only(db))
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.reject(503)
    lab.place_many((100, 101, 102))
    lab.wait_health("gw1", "down")

    db.down()
    lab.allow_log("db_", "<core> .db", "failover_route.*first_load", "init_mod", "error while init")
    for command in ("reload", "check"):
        fault = lab.fault("failover_route." + command)
        assert fault.code == 400 and "the log says" in fault.message
    try:
        lab.kamcmd("failover_route.reload")
        raise AssertionError("kamcmd reload worked without a database")
    except lab.RpcFault as fault:
        assert fault.code == 400 and "the log says" in fault.message
    assert lab.rpc("failover_route.list")["generation"] == 1
    assert lab.health("gw1") == "down"
    lab.place("103")
    assert len(gw1.calls) == 3 and len(gw2.calls) == 4

    db.up()
    assert lab.rpc("failover_route.reload")["generation"] == 2
    assert lab.health("gw1") == "down" and lab.dst("gw1")["attempts"] == 3

    lab.stop()
    db.down()
    assert lab.kamailio.refuses_to_start() != 0
    assert lab.log.find(r"first_load.*the \w+ database was not loaded")
    db.up()
    lab.kamailio.start()
    assert lab.health("gw2") == "up"
