"""However a call ends, it leaves no shared memory behind and is counted once.

Answered, refused, cancelled, timed out, never sent, selected and then dropped by the
script, in dialogs and out of them: mod.stats is back where it was, and no call is
counted as in progress.
"""
RELAY = '''if ($rU == "800") {
		frt_select("carriers");
		frt_next();
		sl_send_reply("403", "Dropped after select");
		exit;
	}
	if ($rU == "801") {
		if (t_newtran()) {
			frt_select("carriers");
			t_reply("404", "Dropped after select, with a transaction");
		}
		exit;
	}
	if (!frt_relay("carriers")) send_reply("500", "No destination");'''
LIMIT = 120


def every_way(lab, gw1, gw3):
    gw1.answer()
    call = lab.call("100")
    assert call.wait_final() == 200
    assert call.reinvite() == 200 and gw1.hangup(gw1.calls[-1]).wait() == 200
    lab.place("101", transport="tcp")
    lab.place("102", method="MESSAGE")
    lab.place("800", expect=403)
    lab.place("801", expect=404)
    gw1.reject(486)
    lab.place("103", expect=486)
    gw1.reject(503)  # and gw2 refuses the connection
    lab.place("104")
    gw3.reject(480)
    lab.place("105", expect=480)
    lab.place("106", expect=480, method="MESSAGE")
    gw3.answer()
    gw1.ringing()
    lab.place("107", expect=408)
    for mode in (gw1.ringing, gw1.trying, gw1.deaf):
        mode()
        seen = len(gw1.calls)
        call = lab.call("108")
        gw1.wait_calls(seen + 1)
        if mode == gw1.ringing:
            call.wait_code(180)
        assert call.cancel() == 200 and call.wait_final() == 487


def settled(lab):
    """Shared memory once nothing is under way."""
    used = lab.shm_at_rest()
    lab.wait(lambda: [d["calls"] for d in lab.set()["destinations"]] == [0, 0, 0], "no call counted")
    return used


def story(lab):
    # a worker keeps the context and the XAVP of its last message: with one of each it is the same
    lab.count_shm()
    lab.start(relay=RELAY, listen="children=1\ntcp_children=1\n")
    lab.allow_refused()
    gw1, gw3 = lab.gateways_named("gw1", "gw3")
    every_way(lab, gw1, gw3)
    before = settled(lab)
    for _ in range(4):
        every_way(lab, gw1, gw3)
    after = settled(lab)
    assert after <= before + lab.SHM_ROUNDING, lab.rpc("mod.stats", "failover_route", "shm")
