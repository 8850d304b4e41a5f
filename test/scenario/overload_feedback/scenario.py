"""A destination asks in its Via for fewer calls, and gets fewer, for as long as it says.

RFC 7339: oc, oc-algo, oc-validity, oc-seq in the topmost Via, which is ours and says that
we know it. What it refuses goes to the other; if both refuse, the script answers 503;
emergency calls and those with a Resource-Priority go through; late news is dropped.
"""
import itertools

RELAY = '''if ($rU =~ "^8") { if (!frt_relay("deafened")) send_reply("500", "None"); exit; }
	if (!frt_relay("carriers")) {
		if ($rc == -20) send_reply("503", "Overload"); else send_reply("500", "None");
	}'''
ROUTES = '''xavp_via_params="xvia"
event_route[failover_route:overload-on] { xlog("L_NOTICE", "OVER $frt(event.destination)\\n"); }
event_route[failover_route:overload-off] { xlog("L_NOTICE", "OVER-END $frt(event.destination)\\n"); }'''


def asks(loss, seq, validity=60000, algo="loss"):
    return f';oc={loss};oc-algo="{algo}";oc-validity={validity};oc-seq={seq}'


def story(lab):
    lab.start(relay=RELAY, routes=ROUTES)
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    for gw in (gw1, gw2):
        gw.answer()
    percent = lambda set_id="carriers": lab.dst("gw1", set_id)["oc_percent"]
    numbers = itertools.count(100)

    def share(users=range(1000, 1100)):
        """gw1's part of 600 calls."""
        gw1.clear(), gw2.clear()
        load = lab.load(rate=200, seconds=3, users=users, method="MESSAGE").wait()
        assert load.connected == load.placed == 600
        assert gw1.count("MESSAGE") + gw2.count("MESSAGE") == 600
        return gw1.count("MESSAGE") / 600

    def tell(via):
        """One call that gw1 answers, with that in its Via."""
        gw1.via = via
        lab.rpc("failover_route.set_admin", "carriers", "gw2", "drain")
        call = lab.place(str(next(numbers)), method="MESSAGE", headers={"Resource-Priority": "ets.0"})
        assert call.finals == [200]
        lab.rpc("failover_route.set_admin", "carriers", "gw2", "ready")
        gw1.via = ""

    # we say that we know it; support alone, another algorithm and nonsense change nothing
    tell(";oc")
    via = gw1.requests[-1].get("via")
    assert ";oc;" in via and 'oc-algo="loss"' in via
    for nonsense in (asks(70, 1, algo="rate"), asks(101, 1), asks("x", 1), ";oc=", ";oc=50;oc-seq=x"):
        tell(nonsense)
    assert percent() == 0 and lab.log.count("OVER") == 0

    # 60 % fewer: 40 of 50 % of its calls go to the other; the set that does not listen ...
    tell(asks(60, "1000.5"))
    assert percent() == 60
    assert 0.12 < share() < 0.28  # 0.2; five standard deviations are 0.08
    assert lab.health("gw1") == "up"
    told = lab.rpc("failover_route.explain", "carriers")["destinations"]
    assert "asks for 60 % fewer calls" in next(d["why"] for d in told if d["id"] == "gw1")
    assert lab.dst("gw1")["oc_passed"] > 100
    assert 'oc_percent{set="carriers",destination="gw1"} 60' in lab.rpc("failover_route.metrics")
    gw1.via = asks(90, 1)
    assert 0.4 < share(range(8000, 8100)) < 0.6  # ... neither listens nor says it would
    assert "oc" not in gw1.requests[-1].get("via") and percent("deafened") == 0
    gw1.via = ""

    # late and equal news is dropped, newer news counts
    tell(asks(10, "1000.5"))
    tell(asks(0, "1000.25", validity=0))
    assert percent() == 60
    tell(asks(100, "1000.75"))
    assert percent() == 100 and share() == 0

    # the second attempt of a call says it once, too, and does not get in where the first did not
    gw2.reject(503)
    gw1.clear(), gw2.clear()
    call = lab.place("190", method="MESSAGE", expect=500)
    assert gw2.count("MESSAGE") == 1 and gw1.count("MESSAGE") == 0 and call.finals == [500]
    tell(asks(0, "1000.8"))
    gw1.reject(500)
    gw2.answer()
    for user in range(191, 199):
        lab.place(str(user), method="MESSAGE")
    assert gw1.count("MESSAGE") > 0
    for request in gw2.requests:
        assert request.get("via").split(",")[0].count(";oc;") == 1
    gw1.answer()
    tell(asks(100, "1000.9"))

    # all refuse: 503 from the script, but not for those who are spared
    gw2.via = asks(100, 1)
    lab.place("200", method="MESSAGE")
    gw2.via = ""
    assert lab.dst("gw2")["oc_percent"] == 100
    gw1.clear(), gw2.clear()
    for user in range(300, 310):
        assert lab.place(str(user), method="MESSAGE", expect=503).finals == [503]
    assert lab.place("310", expect=503).finals == [503]
    assert gw1.requests == gw2.requests == []
    for user in range(320, 325):
        lab.place(str(user), headers={"Resource-Priority": "wps.2"})
        lab.place(str(user), method="MESSAGE", uri="urn:service:sos.fire")
    assert len(gw1.calls) + len(gw2.calls) == 5
    assert gw1.count("MESSAGE") + gw2.count("MESSAGE") == 5

    # what it says ends by itself, without a call, and is told once; only then
    tell(asks(80, "1001", validity=5000))
    assert percent() == 80
    lab.wait(lambda: percent() == 0, "its validity is over", 30)
    assert 0.4 < share() <= 1.0  # gw2 still wants none, but for what it is spared
    lab.log.wait_for("OVER-END gw1", limit=30)
    tell(asks(0, "1002", validity=0))
    assert lab.log.count("OVER gw1") == lab.log.count("OVER-END gw1") == 1
    assert lab.log.count("carriers/gw1 overloaded: it asks for 60 % fewer calls") == 1
    assert lab.log.count("carriers/gw1 normal: ") == 1
    events = [(e["event"], e["destination"]) for e in lab.history("carriers")
              if e["event"].startswith("overload")]
    assert events == [("overload-off", "gw1"), ("overload-on", "gw2"), ("overload-on", "gw1")]
