"""A phone that has registered through an edge proxy (Path) is looked up, and the call goes to a
destination all the same, at once or after the phone has refused: where that takes the place of the
phone in the R-URI (rewrite="ruri"), the phone's Path is not the way to it. The set that is tried to no
avail leaves it as it was; and a set of edge proxies, with rewrite="duri", is what it leads through.
"""

RELAY = '''if (is_method("REGISTER")) {
		save("location");
		exit;
	}
	lookup("location");
	if ($rU =~ "^1") {
		frt_relay("voicemail");
		exit;
	}
	if ($rU =~ "^4") {
		frt_relay("edges");
		exit;
	}
	t_on_failure("REFUSED");
	t_relay();'''
ROUTES = '''failure_route[REFUSED] {
	if ($rU =~ "^2") frt_relay("voicemail");
	if ($rU =~ "^3" && !frt_relay("none")) {
		$du = "sip:${gw4}";
		t_relay();
	}
}'''


def story(lab):
    lab.start(modules=["usrloc", "registrar"], relay=RELAY, routes=ROUTES,
              modparams='modparam("registrar", "use_path", 1)\nmodparam("registrar", "path_mode", 0)\n')
    lab.allow_log("ERROR: .*(udp|send|255.255.255.255)")
    gw1, gw2, edge = lab.gateways_named("gw1", "gw2", "gw4")
    gw1.reject(503)
    edge.reject(486)
    path = [f"<sip:{edge.host};lr>"]
    for user, expect in ("100", 200), ("200", 200), ("300", 486), ("400", 486):
        lab.place(user, method="REGISTER", contact=f"sip:{user}@192.0.2.9",
                  headers={"Path": path[0], "Supported": "path"})
        lab.place(user, expect=expect)
    for gw in gw1, gw2:
        assert [(r.user, r.uri, r.msg.all("route")) for r in gw.calls] == [
            (user, f"sip:{user}@{gw.host}", []) for user in ("100", "200")]
    assert {(r.uri, *r.msg.all("route")) for r in edge.calls} == {
        (f"sip:{user}@192.0.2.9", *path) for user in ("200", "300", "400")}
    assert edge.users.count("300") == 2
