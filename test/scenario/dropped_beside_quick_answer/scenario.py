"""A branch_route drops ours, and a branch that the script has appended has its number: what that is
answered is not held against the destination, even if it is before all have been sent.
"""

RELAY = '''append_branch("sip:$rU@${gw3}");
	append_branch("sip:$rU@${gw4}");
	t_on_branch("EACH");
	frt_relay("carriers");'''
ROUTES = '''branch_route[EACH] { if ($du =~ "${gw1}") drop; }
onsend_route { if ($sndto(ip) == "${gw4}") usleep("300000"); }
'''


def story(lab):
    lab.start(modules=["cfgutils", "corex"], relay=RELAY, routes=ROUTES)
    gw1, gw2, gw3, gw4 = lab.gateways_named("gw1", "gw2", "gw3", "gw4")
    for gw in (gw3, gw4):
        gw.reject(503)
    lab.place_many(range(100, 103))
    assert gw1.users == [] and gw2.users == gw3.users == ["100", "101", "102"]
    told = lab.dst("gw1")
    assert [told[n] for n in ("attempts", "failed", "calls", "health")] == [3, 0, 0, "up"]
