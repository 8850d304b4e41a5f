"""A short try-timeout is for the attempt that has it, and for nothing else of the transaction.

tm has one timer for all that it waits for: the script's own branch in its failure_route, the ACK
to a refusal that was lost, the answer to a CANCEL. These have tm's fr_timer, of 30 s.
"""
RELAY = '''if ($rU =~ "^2") {
		t_on_failure("STEP");
		frt_select("carriers");
		t_relay();
		exit;
	}
	if ($rU =~ "^1") t_on_failure("LAST");
	if (!frt_relay("carriers")) send_reply("500", "None");'''
ROUTES = '''failure_route[LAST] {
	$du = "sip:${gw9}";
	t_relay();
}
failure_route[STEP] {
	t_on_failure("STEP");
	if (frt_should_failover() && frt_next()) {
		t_relay();
		exit;
	}
	if ($rU != "200") exit;
	t_on_failure(0);
	$du = "sip:${gw9}";
	t_relay();
}'''
LOST = 3  # copies


def story(lab):
    lab.start(relay=RELAY, routes=ROUTES)
    gw1, gw2, voicemail = lab.gateways_named("gw1", "gw2", "gw9")
    gw1.reject(503)
    gw2.reject(503)
    voicemail.mode = lambda r: [(1.5, 200, None)]
    for user in ("100", "200"):
        assert lab.place(user).finals == [200], user

    gw2.reject(486, delay=0.2)  # or its ACK has gone before it can be lost
    for user in ("301", "201"):
        call = lab.call(user)
        ack, copies = call._ack, []

        def lose(msg, routes=None):
            copies.append(msg)
            if len(copies) > LOST:
                ack(msg)
        call._ack = lose
        lab.wait(lambda: len(copies) > LOST, "copies of the refusal", limit=15)
        assert call.finals == [486]

    gw1.ringing()
    for user in ("302", "202"):
        cancels = []

        def lost(msg, channel):
            if msg.method == "CANCEL":
                cancels.append(msg)
            return msg.method != "CANCEL" or len(cancels) > LOST
        gw1.filter = lost
        call = lab.call(user)
        call.wait_code(180)
        assert call.cancel() == 200
        assert call.wait_final() == 487 and len(cancels) > LOST
        gw1.filter = None
    lab.wait_transactions()
