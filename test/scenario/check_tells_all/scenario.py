"""All faults of a file at once: the first 50 errors, then what is only suspicious.

At start every one is in the log; a fault of the RPC is short, so `check FILE all`
answers with lists. Warnings come with every answer that is good.
"""

SUSPICIOUS = '''<failover-route version="1">
  <set id="a">
    <destination id="d1" uri="sip:192.0.2.1" weight="0" admin="maint"/>
    <destination id="d2" uri="sip:192.0.2.1" weight="0" admin="drain"/>
  </set>
  <set id="b">
    <destination id="d1" uri="sips:192.0.2.1"/>
    <destination id="d2" uri="sip:192.0.2.2;transport=tls"/>
    <destination id="d3" uri="sip:192.0.2.3;transport=ws"/>
    <destination id="d4" uri="sip:192.0.2.4;transport=tcp"/>
  </set>
</failover-route>
'''
WARNED = ("all 2 destinations of priority 1 have weight 0", "every destination is in maint or drain",
          "the same URI and socket as", "d1\">: transport tls: Kamailio has no socket",
          "d3\">: transport ws: Kamailio has no socket")


def story(lab):
    lab.start()
    bad = lab.work / "bad.xml"
    bad.write_text('<failover-route version="1">\n<set id="a" number="1" bogus="1">\n'
                   + "".join(f'<destination id="d{n}" uri="sip:192.0.2.1" weight="x{n}"/>\n' for n in range(60))
                   + '</set>\n<set id="b" number="1"><destination id="d" uri="sip:192.0.2.9"/></set>\n</failover-route>\n')
    fault = lab.fault("failover_route.check", str(bad))
    assert fault.code == 400 and fault.message.startswith("bad.xml:2: ")
    answer = lab.rpc("failover_route.check", str(bad), "all")
    assert len(answer["errors"]) == 50 and answer["errors_total"] == 62
    assert answer["errors"][0].startswith("bad.xml:2: ") and answer["errors"][49].startswith("bad.xml:51: ")
    assert answer["warnings_total"] == 59 and answer["warnings"] == []
    assert "errors_total: 62" in lab.kamcmd("failover_route.check", str(bad), "all")
    assert lab.fault("failover_route.check", str(bad), "every").code == 400

    # what only the whole shows is told together with what a line shows
    bad.write_text('<failover-route version="1">\n<set id="a" number="1">\n<destination id="d" uri="x"/></set>\n'
                   '<set id="b" number="1"/>\n</failover-route>\n')
    errors = lab.rpc("failover_route.check", str(bad), "all")["errors"]
    assert [e.split(" ")[0] for e in errors] == ["bad.xml:3:", "bad.xml:4:", "bad.xml:4:"]

    xml = lab.work / "failover_route.xml"
    xml.write_text(SUSPICIOUS)
    for answer in (lab.rpc("failover_route.check"), lab.rpc("failover_route.check", str(xml), "all"),
                   lab.rpc("failover_route.reload")):
        assert all(any(w in line and "failover_route.xml:" in line for line in answer["warnings"]) for w in WARNED)
        assert len(answer["warnings"]) == len(WARNED) and answer.get("errors", []) == []
    assert lab.log.find(r"reload: .*failover_route.xml:\d: warning: .*same URI")
    before = len(lab.log.lines)
    lab.restart()
    lines = "\n".join(lab.log.lines[before:])
    assert all(w in lines for w in WARNED)
    assert lab.set("a")["health"] == "down"
