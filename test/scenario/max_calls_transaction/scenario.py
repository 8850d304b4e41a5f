"""Without the dialog module max-calls counts calls until they are answered, and says so.

The warning names the destination's line, at start and in `check`. A call keeps its place also
while a reload has taken the destination away, for when another brings it back.
"""


def story(lab):
    lab.start()
    lab.log.wait_for(r'xml:4: warning: <destination id="gw1">: max-calls: the dialog module is not')
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.ringing()
    first = lab.call("100")
    first.wait_code(180)
    assert lab.dst("gw1")["calls"] == 1
    lab.place("101")
    assert gw2.users == ["101"]
    gw1.respond_later(0, gw1.calls[0], 200)
    gw1.answer()
    assert first.wait_final() == 200
    lab.wait(lambda: lab.dst("gw1")["calls"] == 0, "no call being set up at gw1")
    second = lab.call("102")
    gw1.wait_calls(2)
    assert second.wait_final() == 200
    assert first.bye() == 200 and second.bye() == 200

    gw1.ringing()
    third = lab.call("103")
    third.wait_code(180)
    gw1_is = '<destination id="gw1" uri="sip:${gw1}" max-calls="1"/>'
    lab.edit_xml((gw1_is, ""))
    lab.rpc("failover_route.reload")
    lab.place("104")
    lab.edit_xml(("<destination id=", gw1_is + "<destination id="))
    lab.rpc("failover_route.reload")
    assert lab.dst("gw1")["calls"] == 1
    lab.place("105")
    assert gw2.users == ["101", "104", "105"]
    gw1.respond_later(0, gw1.calls[-1], 200)
    gw1.answer()
    assert third.wait_final() == 200 and third.bye() == 200
    lab.wait(lambda: lab.dst("gw1")["calls"] == 0, "its place is free")
    lab.place("106")
    assert gw1.users[-1] == "106"
