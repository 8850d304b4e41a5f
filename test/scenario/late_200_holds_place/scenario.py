"""A gateway that was given up answers while the next one rings, and has the call: it counts
there, until its BYE, and nobody else gets its last place.
"""


def story(lab):
    lab.start(modules=["dialog"], before="dlg_manage();")
    gw1, gw2 = lab.gateways_named("gw1", "gw2")

    def calls():
        return lab.dst("gw1")["calls"], lab.dst("gw2")["calls"], lab.metric("calls")
    gw1.deaf()
    gw2.ringing()
    call = lab.call("100")
    call.wait_code(180)
    gw1.respond_later(0, gw1.calls[0], 200)
    assert call.wait_final() == 200 and gw1.host in call.final.get("contact")
    lab.wait(lambda: len(gw2.cancels) == 1, "the one that rings is told")
    assert calls() == (1, 0, 1)
    gw1.answer(), gw2.answer()
    other = lab.call("101")
    assert other.wait_final() == 200 and gw2.host in other.final.get("contact")
    assert calls() == (1, 1, 2)
    assert call.bye() == 200
    lab.wait(lambda: calls() == (0, 1, 1), "its place is free")
    assert other.bye() == 200
    lab.wait(lambda: calls() == (0, 0, 0), "all are")
    lab.place("102")
    assert gw1.users[-1] == "102"
    lab.wait(lambda: calls() == (0, 0, 0), "all are")
