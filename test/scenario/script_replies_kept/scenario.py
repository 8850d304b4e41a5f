"""With tm's failure_reply_mode 0 the script wants all replies kept: the best is the answer.

Its own branch was busy before frt_relay came into it, and every destination says 503.
"""

RELAY = '''t_on_failure("FIRST");
	$du = "sip:${gw3}";
	t_relay();'''
ROUTES = '''failure_route[FIRST] { if (!frt_relay("carriers")) exit; }'''


def story(lab):
    lab.start(relay=RELAY, routes=ROUTES, modparams='modparam("tm", "failure_reply_mode", 0)')
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    gw1.reject(503)
    gw2.reject(503)
    gw3.reject(486, {"X-From": "gw3"})
    call = lab.place("100", expect=486)
    assert call.finals == [486] and call.final.get("x-from") == "gw3"
    assert [len(g.calls) for g in (gw1, gw2, gw3)] == [1, 1, 1]
    gw2.reject(404)  # of one class the one that tells more
    gw3.reject(503)
    assert lab.place("101", expect=404).finals == [404]
