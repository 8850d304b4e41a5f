"""Probes notice a dead gateway and its return with no call at all.

Down after fall failed probes and not before, within fall x interval + timeout (peers
row 17: with dispatcher a 3 s ping takes 30 s); up again after the hold and rise good
ones. A 404 to a ping proves life, a 503 does not.
"""
import time


def story(lab):
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    lab.start()
    lab.wait(lambda: len(gw1.options) >= 2 and len(gw2.options) >= 2, "the first probes")
    ping = gw1.options[0]
    assert ping.get("from").startswith("<sip:probe@example.net>")
    assert ping.uri == f"sip:{gw1.host}" and ping.source == (lab.slot.kam, 5060)
    assert lab.history() == []
    assert lab.dst("gw1")["probe_rtt_ms"] < 900

    gw1.ping_code = 404
    seen = len(gw1.options)
    lab.wait(lambda: len(gw1.options) >= seen + 4, "four more probes")
    assert lab.health("gw1") == "up"

    for death in (gw1.blackhole, lambda: setattr(gw1, "ping_code", 503)):
        seen, began = len(gw1.options), time.monotonic()
        death()
        told = lab.wait_health("gw1", "down")
        assert time.monotonic() - began < 3 * 1 + 1 + 4
        assert len(gw1.options) - seen >= 3
        assert told["sources"] == ["probe"] and "3" in told["reason"]
        assert "probe" in told["reason"]
        lab.place("100")
        assert gw1.calls == []

        time.sleep(0.5)
        assert lab.health("gw1") == "down"
        seen, began = len(gw1.options), time.monotonic()
        gw1.answer()
        gw1.ping_code = 200
        lab.wait(lambda: lab.health("gw1") == "up", "gw1 is up")
        assert len(gw1.options) - seen >= 2
        assert time.monotonic() - began < 10
        assert lab.dst("gw1")["sources"] == []
    lab.place("101")
    assert gw1.users == ["101"]
    assert lab.health("gw2") == "up" and lab.dst("gw2")["failed"] == 0
