"""A branch that comes to one of ours while that is under way, as when a phone that was woken registers
(tsilo's ts_append()): ours, that timed out while the phone rang, has failed, and is no call that
somebody has cancelled.
"""

RELAY = '''if (is_method("REGISTER")) {
		save("location");
		ts_append("location", "$tu");
		exit;
	}
	if (!frt_relay("carriers")) send_reply("500", "No destination");
	ts_store();'''


def story(lab):
    lab.start(modules=["usrloc", "registrar", "tsilo"], relay=RELAY)
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    gw1.trying()
    gw3.mode = lambda r: [(0.2, 180, None)]
    for user, honours in ("100", False), ("101", True):
        gw1.honours_cancel = honours
        told, cancels = lab.dst("gw1"), len(gw1.cancels)
        call = lab.call(user)
        lab.wait(lambda u=user: gw1.users[-1:] == [u], "gw1 is called")
        lab.place(user, method="REGISTER", contact=f"sip:{user}@{gw3.host}")
        lab.wait(lambda n=cancels: len(gw1.cancels) > n, "tm's CANCEL")
        assert gw3.users[-1] == user and 180 in call.codes
        gw3.respond_later(0, gw3.calls[-1], 503)
        call.wait_final()
        assert call.finals == [200], (honours, call.codes)
        assert call.bye() == 200
        assert lab.dst("gw1")["timeouts"] == told["timeouts"] + 1, honours
    lab.wait(lambda: lab.dst("gw1")["calls"] == lab.dst("gw2")["calls"] == 0, "no place is kept")
