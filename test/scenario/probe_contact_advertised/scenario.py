"""The Contact of a test call is what its socket advertises: address and port, as in Via.

Behind NAT the port in front is another one (listen=... advertise): what the gateway then
sends in the dialog went to a port where nobody listens.
"""
LISTEN = '''listen=udp:${kam}:5070 advertise 203.0.113.1:7070
listen=tcp:${kam}:5080 advertise 203.0.113.2:7080
listen=udp:${kam}:5090
'''


def story(lab):
    inside = f"{lab.slot.kam}:5090"
    gws = lab.gateways_named("gw1", "gw2", "gw3")
    for gw in gws:
        gw.ringing()
    lab.start(listen=LISTEN)
    invites = [gw.wait_calls(1)[0] for gw in gws]
    assert [r.get("via").split(";")[0].split()[1] for r in invites] == [
        "203.0.113.1:7070", "203.0.113.2:7080", inside]
    assert [r.get("contact") for r in invites] == [
        "<sip:failover_route@203.0.113.1:7070>",
        "<sip:failover_route@203.0.113.2:7080;transport=tcp>",
        f"<sip:failover_route@{inside}>"]
    lab.wait(lambda: not any(gw.hanging for gw in gws), "every test call is over")
