"""One line for each call that failed over, with set, path, outcome and Call-ID; none for others.

Answered, refused, cancelled, out of destinations, in parallel, by frt_select and frt_next, and
into another set from a failure route. The Call-ID, which the network wrote, comes last.
"""
import re
import time

RELAY = '''if ($rU == "500") {
		t_on_failure("LAST");
	} else if ($rU == "700") {
		t_on_failure("SAYS");
	}
	if ($rU =~ "^4") {
		if (!frt_relay("fork")) send_reply("500", "No destination");
	} else if ($rU =~ "^6") {
		t_on_failure("NEXT");
		if (!frt_select("carriers") || !t_relay()) send_reply("500", "No destination");
	} else if (!frt_relay("carriers")) {
		send_reply("500", "No destination");
	}'''

ROUTES = '''failure_route[LAST] {
	frt_relay("last");
}
failure_route[SAYS] {
	t_reply("480", "Said By The Script");
}
failure_route[NEXT] {
	if (frt_should_failover() && frt_next()) {
		t_on_failure("NEXT");
		t_relay();
	}
}'''


def told(lab, call):
    """What the one line of this call says before its Call-ID."""
    pattern = rf"failover of .*; Call-ID {re.escape(call.call_id)}$"
    lab.log.wait_for(pattern)
    lines = lab.log.find(pattern)
    assert len(lines) == 1, lines
    return re.search(r"(\w+ failover of .*); Call-ID ", lines[0]).group(1)


def story(lab):
    lab.start(relay=RELAY, routes=ROUTES)
    gw1, gw2, gw3, gw4 = lab.gateways_named("gw1", "gw2", "gw3", "gw4")
    plain = lab.place("100")

    gw1.reject(503)
    first = lab.place("101")
    assert told(lab, first) == "carriers failover of INVITE: gw1:503>gw2:200; answered 200 by gw2"
    gw2.reject(486)
    assert told(lab, lab.place("102", expect=486)) == (
        "carriers failover of INVITE: gw1:503>gw2:486; refused 486 by gw2")
    gw2.reject(503)
    gw3.reject(500)
    assert told(lab, lab.place("103", expect=500)) == (
        "carriers failover of INVITE: gw1:503>gw2:503>gw3:500; failed 500 by gw3: max-attempts reached")
    # the script says what one of them said: by that one, whoever came last
    gw1.reject(480)
    assert told(lab, lab.place("700", expect=480)) == (
        "carriers failover of INVITE: gw1:480>gw2:503>gw3:500; failed 480 by gw1: max-attempts reached")
    gw1.reject(503)
    gw2.deaf()
    gw3.answer()
    assert told(lab, lab.place("104")) == (
        "carriers failover of INVITE: gw1:503>gw2:408>gw3:200; answered 200 by gw3")
    assert told(lab, lab.place("105", method="MESSAGE")) == (
        "carriers failover of MESSAGE: gw1:503>gw2:408>gw3:200; answered 200 by gw3")

    gw2.ringing()
    call = lab.call("106")
    call.wait_code(180)
    assert call.cancel() == 200 and call.wait_final() == 487
    assert told(lab, call) == (
        "carriers failover of INVITE: gw1:503>gw2:487; cancelled by the caller")

    # at once is no failover, to the next tier is one
    gw1.answer()
    gw2.reject(503)
    quiet = lab.place("400")
    gw1.reject(503)
    assert told(lab, lab.place("401")) in (  # drawn in any order
        "fork failover of INVITE: gw1:503+gw2:503>gw3:200; answered 200 by gw3",
        "fork failover of INVITE: gw2:503+gw1:503>gw3:200; answered 200 by gw3")

    # the script's own steps, and its last resort in another set
    assert told(lab, lab.place("600")) == (
        "carriers failover of INVITE: gw1:503>gw2:503>gw3:200; answered 200 by gw3")
    lab.edit_xml(('max-attempts="3">\n    <destination id="gw1" uri="sip:${gw1}" priority="1"/>\n'
                  '    <destination id="gw2" uri="sip:${gw2}" priority="2"/>',
                  'max-attempts="2">\n    <destination id="gw1" uri="sip:${gw1}" priority="1"/>\n'
                  '    <destination id="gw2" uri="sip:${gw2}" priority="2"/>'))
    lab.rpc("failover_route.reload")
    gw3.answer()
    assert told(lab, lab.place("500")) == (
        "last failover of INVITE: gw1:503>gw2:503>gw3:200; answered 200 by gw3")

    # nothing can be sent anywhere: the answer is ours
    lab.allow_refused()
    for gw in (gw1, gw2, gw3, gw4):
        gw.close()
    lab.edit_xml(("<destination id=\"gw1\" uri=\"sip:${gw1}\" priority=\"1\"/>\n"
                  "    <destination id=\"gw2\" uri=\"sip:${gw2}\" priority=\"2\"/>",
                  "<destination id=\"gw1\" uri=\"sip:${gw1};transport=tcp\" priority=\"1\"/>\n"
                  "    <destination id=\"gw2\" uri=\"sip:${gw2};transport=tcp\" priority=\"2\"/>"))
    lab.rpc("failover_route.reload")
    assert told(lab, lab.place("107", expect=500)) == (
        "carriers failover of INVITE: gw1:503>gw2:503; failed 500: max-attempts reached")

    time.sleep(6)  # the transactions have gone, too
    for call in (plain, quiet):
        assert lab.log.count(call.call_id) == 0
    assert lab.log.count(first.call_id) == 1
