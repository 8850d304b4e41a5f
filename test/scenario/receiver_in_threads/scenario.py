"""One process that receives in threads (udp_receiver_mode, from Kamailio 6.0 on) and workers that have no
socket of their own: a call goes out of the one that it came in by, and what the script relays by
itself out of Kamailio's, whoever called before.
"""

MODE = '''udp_receiver_mode=1
async_workers_group="name=udp;workers=1;nonblock=0;usleep=0"
'''
RELAY = '''if ($rU =~ "^9") {
		$du = "sip:${gw1}";
		t_relay();
		exit;
	}
	if ($rU == "103") {
		t_newtran();
		$shv(index) = $T(id_index);
		$shv(label) = $T(id_label);
		t_suspend();
		exit;
	}
	if (!frt_relay("carriers")) send_reply("500", "No destination");
	if ($rU == "104") t_continue("$shv(index)", "$shv(label)", "RESUMED");'''
ROUTES = '''route[RESUMED] {
	frt_relay("carriers");
}'''


def story(lab):
    threads = lab.knows("udp_receiver_mode")
    lab.start(relay=RELAY, routes=ROUTES, listen="listen=udp:${kam}:5070\n" + (MODE if threads else ""))
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    lab.place("900")
    lab.place("100", port=5070)
    lab.place("901")
    gw1.reject(503)
    lab.place("101", port=5070)
    gw1.answer()
    lab.place("902")
    assert [(r.user, r.source[1]) for r in gw1.calls] == [
        ("900", 5060), ("100", 5070), ("901", 5060), ("101", 5070), ("902", 5060)]
    assert [r.source[1] for r in gw2.calls] == [5070]

    # while one is on its way another goes on, which was suspended
    resumed = lab.call("103", port=5070)
    lab.wait(lambda: resumed.responses, "the 100 of who is suspended")
    lab.place("104", port=5070)
    assert resumed.wait_final() == 200 and resumed.bye() == 200
    lab.place("903")
    assert [(r.user, r.source[1]) for r in gw1.calls[5:]] == [("104", 5070), ("103", 5070), ("903", 5060)]
