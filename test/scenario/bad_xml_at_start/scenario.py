"""A bad file stops Kamailio at start, and the log says where and what was expected.

Peers row 13: dispatcher drops the bad line with one log line and makes weight=150 a 0.
Here the file is refused whole: file, line, element and expectation.
"""

#        what becomes of line 3's weight="10", and what the log must say about it
FAULTS = (
    ('weight="10"', 'weight="150000"', r"failover_route.xml:3: .*weight.*150000.*65535"),
    ('weight="10"', 'weight="many"', r"failover_route.xml:3: .*weight.*many"),
    ('weight="10"', 'wieght="10"', r"failover_route.xml:3: .*wieght"),
    ('id="gw1" ', '', r"failover_route.xml:3: .*destination.*id"),
    ('id="gw2"', 'id="gw1"', r"failover_route.xml:4: .*gw1"),
    ('<set id="carriers"', '<set id="carriers" try-timeout="4"',
     r"failover_route.xml:2: .*try-timeout.*4"),
    ('<set id="carriers"', '<set id="carriers" strategy="roundrobin"',
     r"failover_route.xml:2: .*strategy.*roundrobin"),
    ('uri="sip:${gw1}"', 'uri="tel:123"', r"failover_route.xml:3: .*uri.*tel:123"),
    ('</set>', '</sets>', r"failover_route.xml:[25]: .*set"),
    ('<set id="carriers">', '<set id="carriers"><destinations/>',
     r"failover_route.xml:2: .*destinations"),
    ('version="1"', 'version="9"', r"failover_route.xml:1: .*version.*9"),
    ('<failover-route', '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><failover-route',
     r"failover_route.xml:1: .*(DOCTYPE|entit|DTD)"),
)


def story(lab):
    for old, new, said in FAULTS:
        lab.configure()
        lab.edit_xml((old, new))
        lab.log.allow(".*")
        before = len(lab.log.lines)
        code = lab.kamailio.refuses_to_start()
        assert code != 0, f"{new}: exit code {code}"
        lines = [line for line in lab.log.find(said) if line in lab.log.lines[before:]]
        assert lines, f"{new}: no line like {said} among {lab.log.lines[before:]}"

    (lab.work / "failover_route.xml").unlink()
    assert lab.kamailio.refuses_to_start() != 0
    assert lab.log.find(r"failover_route.xml.*(No such file|cannot|not)")

    lab.start()  # and the good one starts
    lab.gateway("gw1"), lab.gateway("gw2")
    lab.place("100")
