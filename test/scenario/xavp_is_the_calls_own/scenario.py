"""A call's XAVP says nothing of the call before it, whose memory it may have.

Attributes, a text too long for the block of the other, and what the script itself has
added are gone; and what lies ready for the next calls is given back when none come.
"""
RELAY = '''t_on_reply("ANSWERS");
	if ($rU =~ "^1") {
		if (!frt_relay("rich")) send_reply("500", "None");
	} else {
		if (!frt_relay("plain")) send_reply("500", "None");
	}'''
ROUTES = '''onreply_route[ANSWERS] {
	if (status =~ "^1") {
		xlog("L_NOTICE", "FIELDS $tU set=$xavp(frt=>set) id=$xavp(frt=>id) uri=$xavp(frt=>uri) attempt=$xavp(frt=>attempt) path=$xavp(frt=>path) reason=$xavp(frt=>reason) prefix=$xavp(frt=>attr_prefix) mine=$xavp(frt=>mine)\\n");
		$xavp(frt[0]=>mine) = "my own";
	}
}'''
WT = 'modparam("tm", "wt_timer", 100)'


def story(lab):
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    lab.start(relay=RELAY, routes=ROUTES, modparams=WT)
    rich = (f"set=rich id=gw1 uri=sip:{gw1.host};transport=udp;longer=\\d{{40}} attempt=1 "
            "path=gw1 reason=(<null>)? prefix=99 mine=<null>")
    plain = (f"set=plain id=gw2 uri=sip:{gw2.host} attempt=1 path=gw2 reason=(<null>)? "
             "prefix=<null> mine=<null>")
    assert lab.xavp_bytes() == 0
    for user in range(10):
        for first, fields in (1, rich), (2, plain), (2, plain), (1, rich):
            user += 1
            lab.place(f"{first}{user:02}")
            lab.log.wait_for(f"FIELDS {first}{user:02} {fields}")
            lab.wait_transactions()
    assert lab.xavp_bytes() > 0, "nothing lies ready"
    lab.wait(lambda: lab.xavp_bytes() == 0, "it is given back", limit=30)
    lab.place("150")
    lab.log.wait_for(f"FIELDS 150 {rich}")
