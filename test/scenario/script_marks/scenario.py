"""frt_mark gives the script's own observation: of this call's destination, or of any.

A script that knows better (a 200 with an announcement "all lines busy") may say so.
"""

RELAY = '''if ($rU == "900") {
		if (frt_mark("down", "carriers", "gw2")) send_reply("200", "marked");
		else send_reply("500", "not marked");
		exit;
	}
	if ($rU == "901") {
		if (frt_mark("down", "carriers", "nobody")) send_reply("200", "marked");
		else send_reply("404", "not marked");
		exit;
	}
	t_on_reply("R");
	if (!frt_relay("carriers")) send_reply("500", "No destination");'''
ROUTES = '''onreply_route[R] {
	if (is_present_hf("X-Announcement")) {
		frt_mark("down");
	}
}'''


def story(lab):
    lab.start(relay=RELAY, routes=ROUTES)
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    lab.place("900", method="MESSAGE")
    assert lab.health("gw2") == "down"
    lab.place("901", expect=404, method="MESSAGE")
    lab.place("100")
    assert lab.health("gw1") == "up"

    gw1.mode = lambda r: [(0, 183, {"X-Announcement": "all lines busy"}), (0.1, 200, None)]
    lab.call("101").wait_final()
    lab.wait_health("gw1", "down")
