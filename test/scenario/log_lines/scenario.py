"""One line in the log for each transition, in words an operator can act on.

"carriers/gw1 down: 3 consecutive INVITE timeouts (500 ms each); 212 ms since first;
hold 30 s", as design section 10 has it; no line for what changed nothing.
"""
import re


def story(lab):
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    lab.start(modparams='modparam("failover_route", "probing", 0)')
    lab.log.wait_for(r"failover_route.xml.*1 set, 2 destinations")
    gw1.deaf()
    lab.place_many((100, 101))
    assert lab.log.count("carriers/gw1") == 0
    lab.place("102")
    line = lab.log.wait_for("carriers/gw1 down: ")
    for words in (r"3 consecutive INVITE timeouts \(500 ms each\)", r"\d+(\.\d+)? m?s since first",
                  r"hold \d+(\.\d+)? m?s"):
        assert re.search(words, line), line
    assert "failover_route" in line
    lab.place("103")
    assert lab.log.count("carriers/gw1 down") == 1

    gw1.answer()
    lab.wait(lambda: lab.place("104") and lab.health("gw1") == "up", "gw1 is up")
    lab.log.wait_for("carriers/gw1 trial")
    lab.log.wait_for("carriers/gw1 up")
    lab.rpc("failover_route.set_admin", "carriers", "gw2", "drain")
    lab.log.wait_for("carriers/gw2.*drain")
    lab.rpc("failover_route.reload")
    lab.log.wait_for(r"reload.*generation 2|generation 2.*reload|generation 2")
    lab.restart()

    lab.stop()  # the same with a 503, and with failed probes
    lab.start()
    gw2.blackhole()
    line = lab.log.wait_for("carriers/gw2 down: .*probe")
    assert "3 " in line and "300 ms" in line
    gw1.reject(503)
    lab.place_many((200, 201, 202), expect=500)
    assert "503" in lab.log.wait_for("carriers/gw1 down: 3 consecutive .*503")
