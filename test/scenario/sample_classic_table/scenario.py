"""etc/failover_route.xml with nothing but the addresses changed: the classic table.

us-east-1, us-east-2, eu-west-1; 408, 480, 503, 504 and 4 s of silence go on to the next;
the primary is tried again after 30 to 60 s, and a call on the secondary stays there.
"""
import time

LIMIT = 150
ADDRESSES = {"192.0.2.11": "gw1", "192.0.2.12": "gw2", "198.51.100.11": "gw3",
             "203.0.113.1": "gw4", "203.0.113.2": "gw5", "[2001:db8::3]": "gw6",
             "203.0.113.9": "gw7", "203.0.113.21": "gw8", "203.0.113.22": "gw9"}


def table(lab):
    text = (lab.root / "etc/failover_route.xml").read_text()
    for address, name in ADDRESSES.items():
        assert f"sip:{address}:5060" in text
        text = text.replace(f"sip:{address}:5060", f"sip:{lab.slot.gateway(name)}:5060")
    return text


def story(lab):
    lab.configure()
    (lab.work / "failover_route.xml").write_text(table(lab))
    gw1, gw2, gw3 = lab.gateways_named(*list(ADDRESSES.values()))[:3]
    lab.kamailio.start()

    # each of the codes goes on; calls in between succeed, so nothing goes down
    for user, code in enumerate((408, 480, 503, 504), 100):
        gw1.answer()
        lab.place_many([user, user + 100])
        gw1.reject(code)
        assert lab.place(str(user)).finals == [200]
    gw2.reject(503)
    assert lab.place("105").finals == [200] and len(gw3.calls) == 1
    gw2.answer()
    assert lab.health("us-east-1") == lab.health("us-east-2") == "up"
    gw1.answer()
    lab.place_many(range(300, 304))

    # silence: 4 s for the calls that find it out, then nobody waits
    gw1.deaf()
    calls = [lab.call(str(user)) for user in (401, 402, 403)]
    for call in calls:
        assert call.wait_final() == 200
        assert 3700 <= call.pdd_ms <= 5000, call.pdd_ms
        assert call.bye() == 200
    down = lab.wait_health("us-east-1", "down")
    went_down = time.monotonic() - down["since_ms"] / 1000
    assert "3 consecutive INVITE timeouts (4 s each)" in down["reason"]
    before = len(gw1.calls)
    talking = lab.call("404")
    assert talking.wait_final() == 200 and talking.pdd_ms < 1000
    assert len(gw1.calls) == before

    # it is tried again with a live call, and has its calls back; nobody else notices
    gw1.answer()
    while len(gw1.calls) == before:
        lab.place("405")
        assert time.monotonic() - went_down < 60
        time.sleep(0.5)
    assert time.monotonic() - went_down > 29
    lab.wait_health("us-east-1", "ramp")
    on_secondary = [r for r in gw2.requests if r.call_id == talking.call_id]
    assert {r.method for r in on_secondary} == {"INVITE", "ACK"} and talking.requests == []
    assert talking.reinvite() == 200 and talking.bye() == 200
    assert [r for r in gw2.requests if r.call_id == talking.call_id][-1].method == "BYE"
    assert not [r for g in (gw1, gw3) for r in g.requests if r.call_id == talking.call_id]
