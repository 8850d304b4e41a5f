"""The operator's wish is kept apart from health: drain, maint and ready.

Drained: no new calls, those in progress stay, pings go on. In maint nothing is sent at
all. Neither changes health, and a ping's 200 does not undo them.
"""
import time


def admin(lab, dst, state):
    lab.rpc("failover_route.set_admin", "carriers", dst, state)


def story(lab):
    lab.start()
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    told = lab.dst("gw3")
    assert (told["admin"], told["health"], told["effective_weight"]) == ("maint", "up", 0)

    call = lab.call("100")
    assert call.wait_final() == 200
    admin(lab, "gw1", "drain")
    told = lab.dst("gw1")
    assert (told["admin"], told["health"], told["sources"]) == ("drain", "up", [])
    assert told["effective_weight"] == 0
    lab.place("101")
    assert len(gw1.calls) == 1 and len(gw2.calls) == 1
    assert call.reinvite() == 200 and call.bye() == 200
    seen = len(gw1.options)
    lab.wait(lambda: len(gw1.options) >= seen + 2, "pings of a drained gateway")
    assert lab.dst("gw1")["admin"] == "drain"

    admin(lab, "gw1", "maint")
    time.sleep(0.5)
    seen = len(gw1.options)
    time.sleep(3)
    assert len(gw1.options) == seen and gw3.requests == []

    admin(lab, "*", "drain")
    assert [d["admin"] for d in lab.set()["destinations"]] == ["drain"] * 3
    lab.place("102", expect=500)
    assert lab.set()["health"] == "down"
    admin(lab, "*", "ready")
    lab.place("103")
    assert gw1.users == ["100", "103"] and gw2.users == ["101"]

    # a call on its way when its next gateway is drained: decided with health now
    gw1.deaf()
    call = lab.call("104")
    gw1.wait_calls(3)
    admin(lab, "gw2", "drain")
    gw1.respond_later(0, gw1.calls[-1], 503)
    assert call.wait_final() == 200
    assert len(gw2.calls) == 1 and gw3.users == ["104"]

    for args, code in ((("carriers", "gw1", "sleepy"), 400), (("nobody", "gw1", "drain"), 404),
                       (("carriers", "gw9", "drain"), 404)):
        fault = lab.fault("failover_route.set_admin", *args)
        assert fault.code == code and len(fault.message) > 10
    lab.kamcmd("failover_route.set_admin", "carriers", "gw1", "drain")
    assert lab.dst("gw1")["admin"] == "drain"
