"""A script of dispatcher's that goes on to another set, converted, still does.

With nobody left in the first set ds_select_dst() fails, and the second is asked; lower
priorities wait until the higher ones are all down. The module's panic would keep the calls
at the dead set, and its spill send some to the lower priority.
"""
from lib.converted import from_dispatcher

DISPATCHER = '''loadmodule "dispatcher.so"
modparam("dispatcher", "list_file", "${work}/dispatcher.list")
modparam("dispatcher", "flags", 2)'''
RELAY = '''if ($rU =~ "^3") {
		if (!ds_select_dst("3", "8")) send_reply("404", "Nobody");
	} else if (!ds_select_dst("1", "4") && !ds_select_dst("2", "4")) {
		send_reply("404", "Nobody");
	}
	t_relay();'''


def convert(lab):
    lab.configure(module=DISPATCHER, relay=RELAY)
    lab.render("dispatcher.list")
    from_dispatcher(lab)


def story(lab):
    convert(lab)
    lab.kamailio.start(64)
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    gw1.reject(503)
    lab.place_many((100, 101, 102), expect=500)
    lab.wait_health(lab.set("1")["destinations"][0]["id"], "down", "1")
    before = len(gw1.calls)
    lab.place_many(range(110, 130))
    assert len(gw2.calls) == 20 and len(gw1.calls) == before

    first = lab.set("3")["destinations"]
    gw2.reject(503)
    lab.place_many((3000, 3001, 3002), expect=500)
    gw2.answer()
    gw1.answer()
    states = {d["uri"].split(":")[1]: d["health"] for d in lab.set("3")["destinations"]}
    assert sorted(states.values()) == ["down", "up", "up"], (first, states)
    lab.place_many(range(3100, 3140))
    assert len(gw3.calls) == 0
