"""3,000 host names of one set, each with five addresses: all that works with one works with them.

All come to be known; answers that change are followed, and new addresses of a name that the operator
has drained begin drained; a reload keeps them all; calls go on beside. Nothing here is timed.
"""
NAMES, EACH = 3000, 5


def address(n):
    return f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"


def answers(first):
    """Each name's addresses: its own, and others for another first."""
    return {(f"n{n}.test", "A"): [(1, address(first + n * EACH + a)) for a in range(EACH)] for n in range(NAMES)}


def table(lab):
    yield '<failover-route version="1">'
    yield '<set id="names" dns-min-ttl="2s" dns-max-ttl="2s"><probe enabled="no"/>'
    for n in range(NAMES):
        yield f'<destination id="n{n}" uri="sip:n{n}.test:5060" resolve="host"/>'
    yield '</set><set id="carriers"><probe enabled="no"/>'
    yield f'<destination id="gw1" uri="sip:{lab.slot.gateway("gw1")}"/></set></failover-route>'


def story(lab):
    server = lab.dns(answers(0), hostile=True)
    lab.configure()
    (lab.work / "failover_route.xml").write_text("\n".join(table(lab)))
    gw1 = lab.gateway("gw1")
    lab.kamailio.start(256)
    load = lab.load(rate=10, seconds=8)

    def listed(offset, limit):
        return lab.rpc("failover_route.list", "names", offset, limit)

    def has(n, first):
        """Has the name with this number the addresses of that answer, all drained or none?"""
        id_ = f"n{n}/{address(first + n * EACH)}"
        found = [d for d in listed(n * EACH, EACH)["sets"][0]["destinations"] if d["parent"] == f"n{n}"]
        return {d["admin"] for d in found} if id_ in {d["id"] for d in found} else None

    def all_have(first):
        return (listed(0, 1)["total"] == NAMES * EACH
                and all(has(n, first) for n in (0, 7, 8, NAMES - 1)))

    lab.wait(lambda: all_have(0), "all names are resolved", limit=60)
    lab.rpc("failover_route.set_admin", "names", "n7", "drain")
    server.records = answers(NAMES * EACH)
    lab.wait(lambda: all_have(NAMES * EACH), "the new answers are in use", limit=60)
    assert has(7, NAMES * EACH) == {"drain"} and has(8, NAMES * EACH) == {"ready"}
    lab.rpc("failover_route.reload")
    assert all_have(NAMES * EACH) and has(7, NAMES * EACH) == {"drain"}
    load.wait()
    assert load.connected == load.placed == len(gw1.calls)
