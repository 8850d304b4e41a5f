"""explain says which destination would be chosen now, and why not each other one."""


def why(answer):
    return {d["id"]: (bool(d["usable"]), d["why"]) for d in answer["destinations"]}


def story(lab):
    lab.start()
    gws = lab.gateways_named("gw1", "gw2", "gw3", "gw4")
    answer = lab.explain("carriers")
    assert answer["choice"] == "gw1"
    told = why(answer)
    assert [told[g.name][0] for g in gws] == [True, True, False, True]
    assert "drain" in told["gw3"][1]
    assert "priority" in told["gw4"][1] or "tier" in told["gw4"][1]

    gws[0].deaf()
    lab.place_many((100, 101, 102))
    lab.wait_health("gw1", "down")
    answer = lab.explain("carriers", "12345")
    assert answer["choice"] == "gw2" and answer["key"] == "12345"
    told = why(answer)
    assert told["gw1"][0] is False
    assert "traffic" in told["gw1"][1] and "3 consecutive INVITE timeouts" in told["gw1"][1]

    before = [g.requests[:] for g in gws]
    lab.rpc("failover_route.set_admin", "carriers", "*", "maint")
    answer = lab.explain("carriers")
    assert not answer.get("choice") or answer["choice"] in ("", "none")
    assert [usable for usable, _ in why(answer).values()] == [False] * 4
    assert all("maint" in text for _, text in why(answer).values())
    assert [g.requests for g in gws] == before  # explaining sends nothing
    assert lab.fault("failover_route.explain", "nobody").code == 404
    assert lab.fault("failover_route.explain").code == 400
    assert "gw2" in lab.kamcmd("failover_route.explain", "carriers")
    # kamcmd makes a number of what looks like one, which a long one is not: the answer says which key it is for
    for written, key in (("s:+49301234567890", "+49301234567890"), ("s:0049", "0049"), ("4930123", "4930123")):
        assert f"key: {key}\n" in lab.kamcmd("failover_route.explain", "carriers", written)
    assert "key: 49301234567890\n" not in lab.kamcmd("failover_route.explain", "carriers", "49301234567890")
    for none in ((), ("*",), ("",)):
        assert "key" not in lab.explain("carriers", *none)
