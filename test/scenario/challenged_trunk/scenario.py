"""Trunks that ask for credentials (401, 407): the script gives them, and failover goes on.

uac_auth() and frt_again(): the request goes to the destination that has challenged it, is
an attempt like any other, and what it fails with then moves the call on.
"""
import hashlib

RELAY = '''t_on_failure("LAST");
	if ($rU =~ "^2") {
		if (frt_select("carriers")) t_relay();
		exit;
	}
	$var(set) = "carriers";
	if ($rU =~ "^3") $var(set) = "fork";
	if (!frt_relay("$var(set)")) send_reply("500", "No destination");'''
ROUTES = '''failure_route[LAST] {
	if (t_is_canceled()) exit;
	t_on_failure("LAST");
	if ($rU =~ "^4" && t_check_status("404")) {
		t_on_failure("OWN");
		$du = "sip:${gw3}";
		t_relay();
		exit;
	}
	if (t_check_status("401|407")) {
		if (frt_again()) {
			if (uac_auth()) t_relay();
			exit;
		}
		$var(rc) = $rc;
		xlog("L_NOTICE", "AGAIN for $rU: $var(rc)\\n");
		t_on_failure("0");
		exit;
	}
	if (t_check_status("503")) {
		frt_again();
		$var(rc) = $rc;
		xlog("L_NOTICE", "AFTER503 for $rU: $var(rc)\\n");
	}
	if (!frt_should_failover()) exit;
	if ($rU =~ "^2") {
		if (frt_next()) t_relay();
		exit;
	}
	frt_relay("carriers");
}
failure_route[OWN] { xlog("L_NOTICE", "OWN for $rU: $T_reply_code\\n"); }'''
PARAMS = '''modparam("uac", "credential", "alice:one.example:first")
modparam("uac", "credential", "alice:two.example:second")
modparam("uac", "restore_mode", "none")'''


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 RFC 2617's own


def is_right(request, header, realm, password):
    """RFC 2617: the digest that only who knows the password can have made."""
    given = dict(part.strip().split("=", 1)
                 for part in request.get(header).removeprefix("Digest ").split(","))
    given = {name: value.strip('"') for name, value in given.items()}
    ha1 = md5(f"alice:{realm}:{password}")
    ha2 = md5(f"{request.method}:{given['uri']}")
    return given["response"] == md5(f"{ha1}:{given['nonce']}:{ha2}")


def challenge(gw, code, realm, password, then):
    ask, give = {401: ("WWW-Authenticate", "Authorization"),
                 407: ("Proxy-Authenticate", "Proxy-Authorization")}[code]

    def mode(request):
        if not request.get(give):
            return [(0, code, {ask: f'Digest realm="{realm}", nonce="n{request.user}"'})]
        if not is_right(request, give, realm, password):
            return [(0, code, {ask: f'Digest realm="{realm}", nonce="again"'})]
        return then
    gw.mode = mode


OK = [(0, 180, None), (0.03, 200, None)]


def story(lab):
    lab.start(modules=["uac"], modparams=PARAMS, relay=RELAY, routes=ROUTES)
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    challenge(gw2, 401, "two.example", "second", OK)
    for user in ("100", "200"):
        challenge(gw1, 407, "one.example", "first", OK)
        call = lab.place(user)
        assert call.finals == [200]
    assert [len(gw1.calls), len(gw2.calls)] == [4, 0]
    lab.wait(lambda: lab.dst("gw1")["calls"] == 0, "no place is kept")
    told = lab.dst("gw1")
    assert [told[n] for n in ("attempts", "ok", "failed", "failovers")] == [4, 4, 0, 0]
    assert lab.log.count("failover of INVITE") == 0

    for then, code in (([(0, 503, None)], 503), ([], 408)):
        challenge(gw1, 407, "one.example", "first", then)
        for user in ("101", "201"):
            before = [len(gw1.calls), len(gw2.calls)]
            assert lab.place(user).finals == [200], (user, code)
            assert [len(gw1.calls) - before[0], len(gw2.calls) - before[1]] == [2, 2]
            path = f"gw1:407>gw1:{code}>gw2:401>gw2:200"
            lab.wait(lambda p=path: lab.log.count(f"INVITE: {p}; answered 200 by gw2"), path)
    assert lab.log.count("AFTER503 for 101: -3") == 1
    assert lab.log.count("AFTER503 for 201: -3") == 1

    # who challenges each call and takes none is down, and a challenge brings it not back
    challenge(gw1, 407, "one.example", "first", [(0, 503, None)])
    assert lab.health("gw1") == "up"
    assert lab.place("103").finals == [200]
    assert lab.health("gw1") == "down"
    lab.wait_health("gw1", "trial")
    before = len(lab.steps("gw1"))
    assert lab.place("104").finals == [200]
    assert lab.steps("gw1")[before:] == [("trial", "down")]
    lab.wait(lambda: lab.log.count("gw1:407>gw1:503>gw2:401>gw2:200") == 4, "its path")
    challenge(gw1, 407, "one.example", "first", OK)
    lab.wait_health("gw1", "trial")
    assert lab.place("105").finals == [200]
    assert lab.health("gw1") in ("ramp", "up")

    # nobody knows this password: once more, and no loop
    lab.rpc("failover_route.set_health", "carriers", "gw1", "up")
    challenge(gw1, 407, "one.example", "other", OK)
    for user in ("102", "202"):
        before = len(gw1.calls)
        assert lab.place(user, expect=407).finals == [407]
        assert len(gw1.calls) - before == 2
        assert lab.log.count(f"AGAIN for {user}: -8") == 1
    lab.wait(lambda: lab.dst("gw1")["calls"] == 0, "no place is kept")
    fork(lab, gw1, gw2)
    own_branch(lab, gw1, gw2)


def fork(lab, gw1, gw2):
    """Of those tried at once one challenges: it is asked again, and no more."""
    for asks, realm, password, other in ((gw1, "one.example", "first", gw2),
                                         (gw2, "two.example", "second", gw1)):
        challenge(asks, 407, realm, password, [(0, 486, None)])
        other.reject(503)
        before = len(asks.calls)
        for user in range(300, 304):
            assert lab.place(str(user), expect=486).finals == [486]
        assert len(asks.calls) == before + 8


def own_branch(lab, gw1, gw2):
    """The script goes elsewhere after all: that is the answer, and its route runs."""
    gw3, = lab.gateways_named("gw3")
    gw1.reject(503)
    challenge(gw2, 401, "two.example", "second", [(0, 404, None)])
    gw3.reject(504)
    assert lab.place("400", expect=504).finals == [504]
    assert lab.log.count("OWN for 400: 504") == 1
