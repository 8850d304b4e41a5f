"""The gateway that was given up answers while the next one is still being tried.

RFC 3261 16.7: a 2xx on any branch goes to the caller. So it is the answer, the other
branch is cancelled, and if that one answers all the same it is hung up: the caller has one
final response and talks to whoever answered first.
"""
import time


def story(lab):
    lab.start(relay='t_on_reply("R"); if (!frt_relay("carriers")) send_reply("500", "None");',
              routes='''onreply_route[R] {
	if (status == "200") xlog("L_NOTICE", "ANSWER $xavp(frt=>id) $xavp(frt=>path)\\n");
}''', modparams='''modparam("acc", "log_flag", 1)''')
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")

    # the second one rings
    gw1.deaf()
    gw2.ringing()
    call = lab.call("100")
    call.wait_code(180)
    gw1.respond_later(0, gw1.calls[0], 200)
    assert call.wait_final() == 200
    assert call.final.get("contact").find(gw1.host) >= 0
    lab.wait(lambda: len(gw2.cancels) == 1, "the CANCEL to the one that rings")
    lab.wait(lambda: gw1.count("ACK") == 1, "the caller's ACK at gw1")
    assert call.codes == [180, 200] and call.finals == [200]
    assert call.bye() == 200 and gw1.count("BYE") == 1 and gw3.requests == []

    # it rings on, and answers although it was told not to
    gw3.deaf()
    gw2.honours_cancel = False
    gw2.clear()
    call = lab.call("101")
    call.wait_code(180)
    gw1.respond_later(0, gw1.calls[-1], 200)
    assert call.wait_final() == 200
    assert call.final.get("contact").find(gw1.host) >= 0
    lab.wait(lambda: len(gw2.cancels) == 1, "the CANCEL to the one that rings on")
    gw2.respond_later(0, gw2.calls[-1], 200)
    lab.wait(lambda: gw2.count("BYE") == 1 and gw2.count("ACK") >= 1, "gw2's answer hung up")
    time.sleep(0.7)
    assert call.finals == [200] and call.requests == [] and gw2.count("BYE") == 1
    assert call.bye() == 200

    # the second one is silent, and never heard of a CANCEL: its 200 is late in turn
    gw2.clear()
    gw2.deaf()
    call = lab.call("102")
    gw2.wait_calls(1)
    gw1.respond_later(0, gw1.calls[-1], 200)
    assert call.wait_final() == 200
    gw2.respond_later(0, gw2.calls[-1], 200)
    lab.wait(lambda: gw2.count("BYE") == 1, "gw2's answer hung up")
    assert call.final.get("contact").find(gw1.host) >= 0 and gw2.cancels == []
    assert call.finals == [200] and call.bye() == 200

    # both answer in the same moment, many times: one answer each, the other one hung up
    gw1.clear()
    gw2.clear()
    gw1.mode = lambda r: [(0.75, 200, None)]
    gw2.mode = lambda r: [(0.19, 200, None)]
    calls = [lab.call(str(200 + i)) for i in range(60)]
    for call in calls:
        assert call.wait_final() == 200
    lab.wait(lambda: gw1.count("BYE") + gw2.count("BYE") == 60, "sixty answers hung up")
    for call in calls:
        assert call.finals == [200] and call.requests == []
        assert call.bye() == 200
    assert lab.dst("gw1")["calls"] == lab.dst("gw2")["calls"] == 0
