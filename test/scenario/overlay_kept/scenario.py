"""What add, remove and set_weight change at run time outlives reloads and restarts.

It is shown as such in list and, after a load, in the log, let go without a word once the file says the same, and
dropped by overlay_clear. A call on a removed destination goes on to its BYE.
"""


def weights(lab):
    return {d["id"]: d["weight"] for d in lab.set()["destinations"]}


def over(lab):
    return {d["id"]: d.get("overlay", "") for d in lab.set()["destinations"]}


def story(lab):
    lab.start()
    gw1, gw2, gw3, gw4 = lab.gateways_named("gw1", "gw2", "gw3", "gw4")
    lab.rpc("failover_route.set_weight", "7", "gw2", 0)
    lab.place_many(range(100, 110))
    assert len(gw1.calls) >= 6  # equal weights would leave it five
    call = lab.call("150")
    assert call.wait_final() == 200
    holder = "gw1" if gw1.users[-1:] == ["150"] else "gw2"
    lab.rpc("failover_route.remove", "carriers", holder)
    lab.rpc("failover_route.add", "carriers", "spare", f"sip:{gw4.host}", 1, 40)
    lab.rpc("failover_route.set_weight", "carriers", "spare", 30)
    other = "gw2" if holder == "gw1" else "gw1"
    expected = {other: weights(lab)[other], "gw3": 1, "spare": 30}

    def check():
        assert weights(lab) == expected
        assert over(lab)["spare"] == "added" and over(lab)["gw3"] == ""
        assert lab.set()["removed"] == [holder]
    check()
    lab.rpc("failover_route.reload")
    check()
    assert call.reinvite() == 200 and call.bye() == 200

    state = lab.work / "state"
    lab.wait(lambda: state.exists() and "edit op=add" in state.read_text(), "the state file has it")
    lab.restart()
    check()
    assert lab.log.count(rf"at run time, which still holds: .*carriers/{holder}, .*carriers/spare; ") == 2
    before = len(gw4.calls)
    lab.place_many(range(200, 220))
    assert len(gw4.calls) > before

    # the file takes the added one over: nothing is left of it
    lab.edit_xml(('    <destination id="gw3"', f'    <destination id="spare" uri="sip:{gw4.host}" '
                  'weight="30"/>\n    <destination id="gw3"'))
    lab.rpc("failover_route.reload")
    assert over(lab)["spare"] == "" and weights(lab) == expected
    assert lab.log.count(rf"at run time, which still holds: (?!.*spare).*carriers/{holder}; ") == 1
    # one word of the source again, then all
    lab.rpc("failover_route.overlay_clear", "carriers", holder)
    assert "removed" not in lab.set() and holder in weights(lab)
    lab.rpc("failover_route.set_weight", "carriers", "gw3", 9)
    assert over(lab)["gw3"] == "weight"
    lab.rpc("failover_route.overlay_clear")
    assert set(over(lab).values()) == {""} and weights(lab)["gw3"] == 1
    assert weights(lab)["gw2"] == 10

    for args, code in ((("set_weight", "carriers", "gw1", 70000), 400),
                       (("set_weight", "carriers", "gw1", "x"), 400),
                       (("set_weight", "carriers", "gw9", 1), 404),
                       (("set_weight", "nobody", "gw1", 1), 404),
                       (("overlay_clear", "nobody"), 404)):
        assert lab.fault("failover_route." + args[0], *args[1:]).code == code
    assert weights(lab) == {"gw1": 10, "gw2": 10, "spare": 30, "gw3": 1}
