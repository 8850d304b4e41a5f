"""If every destination failed, the caller gets the best response, not the last.

RFC 3261 section 16.7 step 6: a 4xx is better than a 5xx, a 6xx than both, and a
503 is never forwarded.
"""

#        gw1  gw2  what the caller sees
CASES = ((480, 503, 480), (503, 480, 480), (503, 500, 500), (504, 480, 480), (480, 504, 480),
         (503, 486, 486), (480, 603, 603), (408, 502, 408), (503, 503, 500))


def story(lab):
    lab.start(relay='if ($rU =~ "^2") frt_relay("three"); else frt_relay("carriers");')
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    for first, second, seen in CASES:
        gw1.reject(first, {"X-From": "gw1"})
        gw2.reject(second, {"X-From": "gw2"})
        call = lab.place("100", expect=seen)
        assert call.finals == [seen]
        if seen in (first, second):
            assert call.final.get("x-from") == ("gw1" if seen == first else "gw2")
    assert len(gw1.calls) == len(CASES) and len(gw2.calls) == len(CASES)

    gw1.reject(480)  # a refusal is better than our own timeout of the second
    gw2.blackhole()
    assert lab.place("100", expect=480).finals == [480]

    gw1.reject(480)  # of one class, what the policy took for the answer
    gw2.reject(486)
    assert lab.place("100", expect=486).finals == [486]

    # the first got no branch, which is the next one's then: that one's answer is there still
    lab.allow_log("no corresponding", "could not resolve", "failed to resolve", "failure to add")
    gw1.reject(404, {"X-From": "gw1"})
    gw2.reject(480)
    call = lab.place("200", expect=404)
    assert (call.finals, call.final.get("x-from")) == ([404], "gw1")
