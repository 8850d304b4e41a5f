"""A refusal that ends a call which has moved on reaches the caller as the callee's side wrote it.

tm takes the lowest code of all: our own 408 of a silent gateway, or the 480 of the one
before, comes before a 422. What the module made instead was bare: a 422 without Min-SE, a 423
without Min-Expires, with which no phone can try again, and a 486 without its reason.
"""
REFUSALS = (("INVITE", 422, {"Min-SE": "1800"}), ("INVITE", 486, {"Reason": "Q.850;cause=17"}),
            ("INVITE", 488, {"Warning": '304 gw2 "Media type not available"'}),
            ("REGISTER", 423, {"Min-Expires": "3600"}), ("SUBSCRIBE", 489, {"Allow-Events": "presence"}))


RELAY = '''if ($rU =~ "^3") t_on_reply("HIDE");
	if ($rU =~ "^4") append_to_reply("X-Ours: 1\\r\\nretry-after : 30\\r\\n");
	if ($rU =~ "^5") t_on_failure("ADD");
	if ($rU =~ "^2") frt_relay("fork");
	else frt_relay("carriers");'''
ROUTES = '''onreply_route[HIDE] { remove_hf("Warning"); }
failure_route[ADD] { append_to_reply("Retry-After: 30\\r\\n"); }'''


def story(lab):
    lab.start(relay=RELAY, routes=ROUTES)
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

    # where tm has another one in hand, what counts goes with the answer that is made
    gw1.reject(480, {"Reason": "Q.850;cause=20", "Retry-After": "60"})
    gw2.deaf()
    call = lab.place("100", expect=480)
    assert (call.final.get("reason"), call.final.get("retry-after")) == ("Q.850;cause=20", "60")
    gw1.reject(422, {"Min-SE": "1800"})
    assert lab.place("200", expect=422).final.get("min-se") == "1800"

    # but not what the script has taken out of it, nor what is no whole line
    gw1.reject(480, {"Warning": '399 10.1.2.3 "inside"', "Retry-After": "60"})
    call = lab.place("300", expect=480)
    assert (call.final.get("warning"), call.final.get("retry-after")) == ("", "60")
    whole = gw1.response
    gw1.response = lambda *args: whole(*args).split(b"\r\nContent-Length")[0]
    call = lab.place("100", expect=480)
    assert [call.final.get(n) for n in ("warning", "retry-after", "content-length")] == [
        '399 10.1.2.3 "inside"', "", "0"]

    # what the script has put there by itself is not there twice
    gw1.response = whole
    for user in "400", "500":
        final = lab.place(user, expect=480).final
        assert final.all("retry-after") == ["30"] and final.get("warning") == '399 10.1.2.3 "inside"'
