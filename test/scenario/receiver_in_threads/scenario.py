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
	if (!frt_relay("carriers")) send_reply("500", "No destination");'''


def story(lab):
    threads = lab.knows("udp_receiver_mode")
    lab.start(relay=RELAY, listen="listen=udp:${kam}:5070\n" + (MODE if threads else ""))
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
