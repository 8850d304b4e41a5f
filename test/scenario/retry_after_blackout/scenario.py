"""503 with Retry-After keeps calls away from that destination for just as long.

One such reply is enough, it concerns nobody else, it is clamped to hold-max, and an
absurd number does no harm (RFC 3261 section 21.5.4; design section 6).
"""
import time


def story(lab):
    lab.start()
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")

    gw1.reject(503, {"Retry-After": "6 (closing time)"})
    began = time.monotonic()
    assert lab.place("100").finals == [200]
    told = lab.wait_health("gw1", "down")
    assert 1000 < told["hold_ms"] <= 6600 and told["reason"].endswith("503 with Retry-After: 6 s"), told
    assert lab.health("gw2") == "up"

    gw1.answer()
    lab.place_many((101, 102))
    assert len(gw1.calls) == 1 and len(gw2.calls) == 3
    lab.wait(lambda: lab.health("gw1") != "down", "the blackout is over")
    assert 5.0 < time.monotonic() - began < 12
    lab.place("103")
    assert len(gw1.calls) == 2 and len(gw2.calls) == 3

    gw1.reject(503, {"Retry-After": "86400"})
    lab.place("104")
    told = lab.wait_health("gw1", "down")
    assert 40000 < told["hold_ms"] <= 72000  # hold-max, not a day
    assert "503 with Retry-After: 86400 s; hold 60 s" in told["reason"], told  # and yet what it said

    lab.allow_log("parse_retry_after", "parse_headers", "get_hdr_field", "Retry-After")
    gw2.reject(503, {"Retry-After": "99999999999999999999", "X-Behind": "it"})
    assert lab.place("105").finals == [200]
    assert len(gw3.calls) == 1
    told = lab.wait_health("gw2", "down")
    assert 40000 < told["hold_ms"] <= 72000
