"""The table from a database: sets, destinations, policy, attributes, and no file at all.

The tables are made of the SQL files that are shipped. What the columns do not have is
said in failover_route_attribute; the set "*" stands for the defaults. A reload follows.
"""
from lib.database import database, only

ROUTES = """route[TELL] {
	xlog("L_NOTICE", "prefix $xavp(frt=>attr_prefix)\\n");
}"""


def fill(db, gw1, gw2):
    db.insert("set", id="carriers", number="1", try_timeout="500ms", max_attempts=3, probe_enabled="no")
    db.insert("destination", set_id="carriers", id="gw1", uri=f"sip:{gw1}", priority=1, weight=10)
    db.insert("destination", set_id="carriers", id="gw2", uri=f"sip:{gw2}", priority=2, socket=None)
    db.insert("policy", set_id="carriers", position=30, code="480-489", route="stop", verdict="ok")
    db.insert("policy", set_id="carriers", position=10, code="486", route="next", verdict="ignore")
    db.insert("policy", set_id="*", position=1, code="486", route="stop", verdict="ok")
    db.insert("policy", set_id="*", position=2, code="404", route="next", verdict="ignore")
    db.insert("attribute", set_id="*", scope="health", name="fall", value="50")
    db.insert("attribute", set_id="carriers", scope="set", name="progress-timeout", value="3s")
    db.insert("attribute", set_id="carriers", destination_id="gw2", scope="attribute", name="prefix", value="99: x")


def story(lab):
    db = database(lab)
    fill(db, lab.slot.gateway("gw1"), lab.slot.gateway("gw2"))
    lab.start(modules=db.modules, module=only(db), routes=ROUTES,
              relay='if (!frt_relay("carriers")) send_reply("500", "No destination");\n\troute(TELL);')
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    assert lab.log.find(r"the \w+ database: 1 set, 2 destinations")
    assert [(d["id"], d["weight"]) for d in lab.set("carriers")["destinations"]] == [("gw1", 10), ("gw2", 1)]

    # the lower position comes first, and the set's own before the default's
    gw1.reject(486)
    lab.place("100")
    gw1.reject(404)
    lab.place("101")
    gw1.reject(403)
    lab.place("102", expect=403)
    assert len(gw1.calls) == 3 and len(gw2.calls) == 2

    # a change, a new set, a destination less; health and counters stay
    db.sql("UPDATE failover_route_destination SET weight='7' WHERE id='gw1'",
           "DELETE FROM failover_route_destination WHERE id='gw2'",
           "DELETE FROM failover_route_attribute WHERE destination_id='gw2'")
    db.insert("set", id="\u00fcber", strategy="hash", probe_enabled="no")
    db.insert("destination", set_id="\u00fcber", id="\u00e91", uri="sip:192.0.2.1")
    for _ in range(3):
        answer = lab.rpc("failover_route.reload")
        assert (answer["sets"], answer["destinations"], answer["warnings"]) == (2, 2, [])
    assert lab.dst("gw1")["weight"] == 7 and lab.dst("gw1")["attempts"] == 3
    assert lab.set("\u00fcber")["strategy"] == "hash" and lab.dst("\u00e91", "\u00fcber")["health"] == "up"
    assert "generation: 5" in lab.kamcmd("failover_route.reload")
    answer = lab.rpc("failover_route.check")
    assert (answer["sets"], answer["destinations"]) == (2, 2)
    lab.restart()
    assert lab.rpc("failover_route.list")["total"] == 2
