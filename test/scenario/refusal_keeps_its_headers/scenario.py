"""A refusal that ends a call which has moved on reaches the caller as the callee's side wrote it.

tm takes the lowest code of all: our own 408 of a silent gateway, or the 480 of the one
before, comes before a 422. What the module made instead was bare: a 422 without Min-SE, a 423
without Min-Expires, with which no phone can try again, and no reason for a 486.
"""
REFUSALS = (("INVITE", 422, {"Min-SE": "1800"}), ("INVITE", 486, {"Reason": "Q.850;cause=17"}),
            ("INVITE", 488, {"Warning": '304 gw2 "Media type not available"'}),
            ("REGISTER", 423, {"Min-Expires": "3600"}), ("SUBSCRIBE", 489, {"Allow-Events": "presence"}))


def story(lab):
    lab.start()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    for before in "deaf", 480, 408, 503:
        if before == "deaf":
            gw1.deaf()
        else:
            gw1.reject(before, {"X-From": "gw1"})
        for method, code, headers in REFUSALS:
            gw2.reject(code, headers | {"X-From": "gw2"})
            call = lab.place("100", method=method, expect=code)
            assert call.finals == [code] and call.final.get("x-from") == "gw2", (before, code)
            assert call.final.to_tag.startswith("gw2-")
            for name, value in headers.items():
                assert call.final.get(name) == value, (before, code)
    assert len(gw2.requests) - len(gw2.acks) == 4 * len(REFUSALS)
