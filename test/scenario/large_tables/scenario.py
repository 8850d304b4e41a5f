"""100,000 destinations, in 10,000 sets and in one: all that works with three works with them.

Load, reload beside calls, list page by page, look-up by source address, choosing, the state
file, restart. Nothing here is timed: the bench does that.
"""
LIMIT = 240
SETS, EACH = 10000, 10


def address(n):
    return f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"


def many_sets(lab):
    lines = ['<failover-route version="1">']
    for s in range(SETS):
        lines.append(f'<set id="s{s}" number="{s}"><probe enabled="no"/>')
        lines += [f'<destination id="d{d}" uri="sip:{address(s * EACH + d)}" priority="{d % 2}"/>'
                  for d in range(EACH)]
        lines.append("</set>")
    return lines + real_set(lab)


def one_set(lab):
    lines = ['<failover-route version="1">', '<set id="big"><probe enabled="no"/>']
    lines += [f'<destination id="d{d}" uri="sip:{address(d)}" weight="{d % 7 + 1}"/>'
              for d in range(SETS * EACH)]
    return lines + ["</set>"] + real_set(lab)


def real_set(lab):
    return ['<set id="carriers"><probe enabled="no"/>',
            f'<destination id="gw1" uri="sip:{lab.slot.gateway("gw1")}"/></set>',
            "</failover-route>"]


def listed(lab):
    """Every destination there is, page by page."""
    seen, offset = set(), 0
    while offset is not None:
        page = lab.rpc("failover_route.list", "*", offset, 1000)
        seen |= {(s["id"], d["id"]) for s in page["sets"] for d in s["destinations"]}
        offset = page.get("next_offset")
    return seen


def works(lab, last_set, last_dst):
    assert len(listed(lab)) == SETS * EACH + 1
    told = lab.rpc("failover_route.explain", last_set)
    assert told["choice"]
    lab.rpc("failover_route.set_admin", last_set, last_dst, "drain")
    lab.rpc("failover_route.set_health", last_set, "d3", "down")
    load = lab.load(rate=20, seconds=6)
    generation = lab.rpc("failover_route.reload")["generation"]
    assert lab.rpc("failover_route.reload")["generation"] == generation + 1
    load.wait()
    assert load.connected == load.placed
    assert lab.dst("d3", last_set)["health"] == "down"


def story(lab):
    path = lab.work / "failover_route.xml"
    lab.configure(before='if (frt_is_from("s77")) send_reply("603", "Known");')
    path.write_text("\n".join(many_sets(lab)))
    lab.gateway("gw1")
    lab.kamailio.start(1024)
    works(lab, "s9999", "d9")
    assert lab.rpc("failover_route.explain", "777")["set"] == "s777"
    lab.restart()
    assert lab.dst("d9", "s9999")["admin"] == "drain"
    assert lab.dst("d3", "s9999")["health"] == "down"
    path.write_text("\n".join(one_set(lab)))
    lab.rpc("failover_route.reload")
    assert len(listed(lab)) == SETS * EACH + 1
    chosen = {lab.rpc("failover_route.explain", "big")["choice"] for _ in range(20)}
    assert len(chosen) > 10
    lab.place("100")
