"""A destination's socket is the one that listens there, and not another of the address that advertises the port.

Behind NAT the port outside is often that of another socket inside: the trunk in the carrier's
network was called, and pinged, out of the socket for the Internet.
"""
LISTEN = '''listen=udp:${kam}:5070 advertise 203.0.113.1:5080
listen=udp:${kam}:5080
'''


def story(lab):
    gws = gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.reject(503)
    lab.start(listen=LISTEN)
    lab.wait(lambda: gw1.options and gw2.options, "pings of both")
    lab.place("100")
    assert [[r.source[1] for r in gw.calls + gw.options] for gw in gws] == [[5080] * 2, [5070] * 2]
