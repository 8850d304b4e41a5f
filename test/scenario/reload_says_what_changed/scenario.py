"""A reload says what it added, removed and changed: a set that an edit has lost is seen at once.

The line, the event route and the alerts say how much; the log names them, the first of many.
"""

GW2 = '<destination id="gw2" uri="sip:${gw2}" priority="2"><attribute name="prefix" value="99"/></destination>'


def reload(lab):
    """What the answer, the log and the event route say of one reload."""
    told = lab.rpc("failover_route.reload")
    said = lab.log.wait_for(rf"event: generation {told['generation']}: .*").partition("event: ")[2]
    assert said.strip().partition("; ")[2] == told["changes"]
    return told["changes"]


def story(lab):
    lab.dns({("pool.test", "A"): [(600, "${gw3}")]}, ttl=600)
    lab.start(routes='event_route[failover_route:reload] { xlog("L_NOTICE", "event: $frt(event.reason)\\n"); }')
    lab.log.wait_for(r"event: generation 1: 2 sets, 5 destinations\s*$")
    assert reload(lab) == "nothing changed"

    lab.edit_xml(('  <set id="spare"><destination id="gw1" uri="sip:${gw1}"/><destination id="gw2" '
                  'uri="sip:${gw2}"/></set>\n', ""))
    assert reload(lab) == "1 set removed, 2 destinations removed"
    assert lab.log.find(r"reload: removed set spare\s*$")

    lab.edit_xml(('priority="1"/>', 'priority="1"/>\n    <destination id="gw3" uri="sip:${gw3}"/>'),
                 ('value="99"', 'value="98"'), ('resolve="host" priority="3"', 'resolve="srv" priority="3"'),
                 ('code="480"', 'code="404"'))
    assert reload(lab) == "1 set changed, 1 destination added, 2 destinations changed"
    assert lab.log.find(r"reload: added carriers/gw3\s*$")
    assert lab.log.find(r"reload: changed set carriers, carriers/gw2, carriers/pool\s*$")

    # at run time, which has a line of its own
    added = lab.rpc("failover_route.add", "carriers", "gw4", f"sip:{lab.slot.gateway('gw4')}")["generation"]
    lab.log.wait_for(rf"event: generation {added}: .*; 1 destination added\s*$")
    assert lab.log.count("reload: added") == 1
    assert reload(lab) == "nothing changed"
    lab.rpc("failover_route.overlay_clear")
    lab.log.wait_for("reload: removed carriers/gw4")

    # many: as long as a line may be
    many = "\n".join(f'<destination id="{"x" * 40}{n}" uri="sip:127.9.{n // 250}.{n % 250 + 1}"/>' for n in range(2000))
    lab.edit_xml(("  </set>", many + "\n  </set>"))
    assert reload(lab) == "2000 destinations added"
    line = lab.log.wait_for(r"reload: added carriers/x.*")
    assert line.rstrip().endswith("more") and len(line) < 700, line
