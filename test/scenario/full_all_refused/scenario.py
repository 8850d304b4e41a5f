"""When all that are usable are full the script is told so: -19, and no panic.

The call gets the script's answer at once; nothing is down, no event is raised, and
explain says why.
"""
RELAY = '''frt_relay("carriers");
	if ($rc < 0) send_reply("503", "Code $rc");'''


def story(lab):
    lab.start(modules=["dialog"], before="dlg_manage();", relay=RELAY)
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")

    def refused():
        call = lab.call("109")
        call.wait_final()
        return call.final.start if call.status == 503 else call.bye() and None
    first = lab.call("100")
    assert first.wait_final() == 200
    line = lab.wait(refused, "a second in which both are full")
    assert "Code -19" in line
    assert lab.set()["health"] == "up"
    assert lab.explain()["why"] in ("every usable destination is full",
                                    "the only usable destination of priority 1")
    assert gw3.calls == []
    assert not [t for t in lab.history() if t["to"] in ("down", "panic")]
    assert first.bye() == 200
