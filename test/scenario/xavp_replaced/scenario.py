"""What the script puts in the place of the XAVP or of a field of it is its own memory:
an attempt's end replaces it and writes nothing beyond it. Kamailio's allocator would
tell, with each free and when it ends."""

ACC = '''modparam("acc", "log_flag", 1)
modparam("acc", "log_extra", "user=$tU;path=$xavp(frt=>path);set=$xavp(frt=>set)")'''
RELAY = '''setflag(1);
	t_on_reply("ANSWERS");
	if (!frt_relay("carriers")) send_reply("500", "None");'''
ROUTES = '''onreply_route[ANSWERS] {
	if (status =~ "^1") {
		if ($tU == "100") $xavp(frt[0]=>path[0]) = $xavp(frt=>path);
		if ($tU == "101") {
			xavp_copy("frt", "0", "kept");
			xavp_rm("frt");
			xavp_copy("kept", "0", "frt");
		}
		if ($tU == "102") $xavp(frt[0]=>path[0]) = "mine";
		if ($tU == "103") $xavp(frt[0]=>path[0]) = 7;
		if ($tU == "104") $xavp(frt[0]) = "mine";
		if ($tU == "105") $(xavp(frt[0]=>path[*])) = $null;
		if ($tU == "106") xavp_rm("frt");
	}
}'''


def story(lab):
    gw1 = lab.gateways_named("gw1")[0]
    lab.start(relay=RELAY, routes=ROUTES, modparams=ACC)
    for user in range(100, 107):
        lab.place(str(user))
        lab.log.wait_for(rf"ACC: .*code=200.*user={user};path=abcdefghijklmnopqr:200;set=carriers")
    assert len(gw1.calls) == 7
