"""A call that a trunk has challenged, and that moves on: the next one counts CSeq from its own INVITE.

The dialog module (track_cseq_updates) adds one to all that follows uac_auth(). The trunk
that had seen no challenge, or its own, got the ACK of another INVITE, and took the call down.
"""

RELAY = '''t_on_failure("LAST");
	if ($rU =~ "^2") {
		if (frt_select("carriers")) t_relay();
		exit;
	}
	frt_relay("carriers");'''
ROUTES = '''failure_route[LAST] {
	t_on_failure("LAST");
	if (t_check_status("401|407")) {
		if (frt_again() && uac_auth()) t_relay();
	} else if (frt_should_failover()) {
		if ($rU =~ "^2") {
			if (frt_next()) t_relay();
		} else frt_relay("carriers");
	}
}'''
PARAMS = '''modparam("uac", "credential", "alice:trunk.example:secret")
modparam("uac", "restore_mode", "none")
modparam("dialog", "track_cseq_updates", 1)'''
CHALLENGE = [(0, 401, {"WWW-Authenticate": 'Digest realm="trunk.example", nonce="1"'})]


def challenge(gw, then):
    gw.mode = lambda r: then if r.get("authorization") else CHALLENGE


def seen(gw, call):
    return [r.get("cseq") for r in gw.requests if r.call_id == call.call_id and not r.retransmission]


def story(lab):
    lab.start(modules=["dialog", "uac"], modparams=PARAMS, relay=RELAY, routes=ROUTES,
              before='if (is_method("INVITE")) dlg_manage();')
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    for then in [(0, 503, None)], []:
        challenge(gw1, then)
        for user in "100", "200":
            gw2.answer()
            call = lab.place(user)
            assert seen(gw1, call)[:3] == ["1 INVITE", "1 ACK", "2 INVITE"]
            assert seen(gw2, call) == ["1 INVITE", "1 ACK", "2 BYE"]

            challenge(gw2, [(0, 180, None), (0.03, 200, None)])
            call = lab.place(user)
            assert seen(gw2, call) == ["1 INVITE", "1 ACK", "2 INVITE", "2 ACK", "3 BYE"]
    assert not gw2.hanging
    late(lab, gw1, gw2)


def late(lab, gw1, gw2):
    """The one that was left answers after all, and is the answer: its own count holds."""
    gw2.deaf()
    challenge(gw1, [(2.2, 200, None)])
    for user in "100", "200":
        call = lab.place(user)
        assert seen(gw1, call) == ["1 INVITE", "1 ACK", "2 INVITE", "2 ACK", "3 BYE"]

    gw1.mode = lambda r: [(2.2, 200, None)]
    challenge(gw2, [])
    for user in "100", "200":
        call = lab.place(user)
        assert seen(gw2, call)[2] == "2 INVITE"
        assert seen(gw1, call) == ["1 INVITE", "1 ACK", "2 BYE"]
