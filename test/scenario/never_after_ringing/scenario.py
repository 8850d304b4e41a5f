"""After an 18x no second phone may ring: the call does not fail over.

Whatever comes after the 180 or 183 goes to the caller, a 503 as 500 (design
section 6; Teams Direct Routing does the same). No answer in answer-timeout is no
fault of the gateway.
"""


def story(lab):
    lab.start()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")

    for ringing, code, seen in ((180, 503, 500), (183, 503, 500), (180, 480, 480),
                                (183, 504, 504), (180, 408, 408), (180, 500, 500)):
        gw1.ringing_then(code, after=0.1, ringing=ringing)
        call = lab.place("100", expect=seen)
        assert call.codes == [ringing, seen] and call.finals == [seen]

    gw1.ringing()
    failed = lab.dst("gw1")["failed"]
    call = lab.place("101", expect=408)
    assert call.codes == [180, 408] and 900 <= call.final_ms < 2500
    lab.wait(lambda: len(gw1.cancels) == 1, "the phone stops ringing")
    assert lab.dst("gw1")["failed"] == failed  # "no answer" says nothing of the gateway
    assert lab.dst("gw1")["timeouts"] == 0

    gw1.ringing_then(200, after=0.8)  # later than try-timeout, within answer-timeout
    assert lab.place("102").codes == [180, 200]
    assert len(gw1.calls) == 8 and gw2.requests == []
