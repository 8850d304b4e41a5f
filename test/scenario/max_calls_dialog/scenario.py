"""max-calls counts calls, however they end, and is never passed by one.

With the dialog module: BYE from either side, CANCEL, busy, silence, a dialog that is lost
and expires, a reload in the middle; then more callers at once than there are places. What is
full is passed over, and neither down nor failed over from.
"""
# the dialog of 120 is lost after six seconds
MANAGE = '''dlg_manage();
	if ($rU == "120") dlg_set_timeout("6");'''


def calls(lab, count, dst="gw1"):
    lab.wait(lambda: lab.dst(dst)["calls"] == count, f"{count} calls at {dst}")


def answered(lab, *users):
    made = [lab.call(user) for user in users]
    for call in made:
        assert call.wait_final() == 200
    return made


def story(lab):
    lab.start(modules=["dialog"], before=MANAGE)
    gw1, gw2 = lab.gateways_named("gw1", "gw2")

    first, _ = answered(lab, "100", "101")
    calls(lab, 2)
    third, = answered(lab, "102")
    assert sorted(gw1.users) == ["100", "101"] and gw2.users == ["102"]
    told = lab.dst("gw1")
    assert (told["health"], told["failovers"], told["failed"]) == ("up", 0, 0)
    assert (told["max_calls"], told["effective_weight"]) == (2, 0)
    explained = {d["id"]: d for d in lab.explain()["destinations"]}
    assert explained["gw1"]["why"] == "usable, but full: max-calls is reached"
    assert explained["gw1"]["usable"] == 0
    assert not [t for t in lab.history() if t["destination"] == "gw1"]

    # a reload counts on
    lab.rpc("failover_route.reload")
    assert lab.dst("gw1")["calls"] == 2
    # BYE of the caller, BYE of the callee
    assert first.bye() == 200
    calls(lab, 1)
    second = next(r for r in gw1.calls if r.user == "101")
    assert gw1.hangup(second).wait() == 200
    calls(lab, 0)
    assert third.bye() == 200

    # busy, silence, a caller who hangs up while it rings: no place is kept
    gw1.ringing_then(486)
    lab.place("103", expect=486)
    calls(lab, 0)
    gw1.deaf()
    lab.place("104")
    calls(lab, 0)
    gw1.ringing()
    call = lab.call("105")
    call.wait_code(180)
    calls(lab, 1)
    assert call.cancel() == 200
    assert call.wait_final() == 487
    calls(lab, 0)
    # a 200 that crosses the CANCEL is a call until its BYE
    gw1.mode = lambda r: [(0, 180, None), (1.0, 200, None)]
    gw1.honours_cancel = False
    call = lab.call("106")
    call.wait_code(180)
    assert call.cancel() == 200
    lab.wait(lambda: call.status, "a final response")
    if call.status == 200:
        calls(lab, 1)
        assert call.bye() == 200
    calls(lab, 0)
    gw1.honours_cancel = True
    gw1.answer()

    # a reload that raises, then lowers max-calls below what there is
    one, two = answered(lab, "110", "111")
    lab.edit_xml(('max-calls="2"', 'max-calls="3"'))
    lab.rpc("failover_route.reload")
    three, = answered(lab, "112")
    assert sorted(gw1.users[-3:]) == ["110", "111", "112"]
    lab.edit_xml(('max-calls="3"', 'max-calls="1"'))
    lab.rpc("failover_route.reload")
    other, = answered(lab, "113")
    assert gw2.users[-1] == "113"
    for call in (one, two):
        assert call.bye() == 200
    calls(lab, 1)
    other2, = answered(lab, "114")
    assert gw2.users[-1] == "114"
    assert three.bye() == 200
    calls(lab, 0)
    last, = answered(lab, "115")
    assert gw1.users[-1] == "115"
    for call in (other, other2, last):
        assert call.bye() == 200
    calls(lab, 0)
    lost_dialog(lab)
    surge(lab)


def lost_dialog(lab):
    """Nobody ever says BYE: the place comes back with the dialog's end."""
    lost, = answered(lab, "120")
    calls(lab, 1)
    passed_over, = answered(lab, "121")
    calls(lab, 0)
    assert passed_over.bye() == 200


def surge(lab):
    """Forty at once for one place at gw1: never two there at a time, all answered."""
    gw1 = lab.gateways["gw1"]
    before, refused = len(gw1.calls), lab.dst("gw1")["full"]
    made = [lab.call(str(200 + n)) for n in range(40)]
    for call in made:
        assert call.wait_final() == 200
    assert len(gw1.calls) == before + 1
    assert lab.dst("gw1")["calls"] == 1
    assert lab.dst("gw1")["full"] >= refused
    for call in made:
        assert call.bye() == 200
    calls(lab, 0)
    calls(lab, 0, "gw2")
    lab.place("300")
    assert gw1.users[-1] == "300"
