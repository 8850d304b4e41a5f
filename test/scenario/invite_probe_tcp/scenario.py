"""Test calls over TCP: cancelled, or hung up along the Record-Route of a proxy behind the
gateway; and where nothing listens, the probe has failed at once."""


def order(lab, gw):
    gw.clear()
    lab.rpc("failover_route.probe", "carriers", "gw1")
    invite = gw.wait_calls(1)[0]
    assert invite.transport == "tcp" and invite.get("contact").endswith(";transport=tcp>")
    return invite


def story(lab):
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.trying()
    lab.start()
    lab.wait_health("gw1", "down")
    lab.wait(lambda: len(gw1.cancels) == 1 and not gw1.hanging, "CANCEL, 487 and ACK")

    gw1.ringing()
    order(lab, gw1)
    lab.wait_health("gw1", "up")
    lab.wait(lambda: len(gw1.cancels) == 1 and not gw1.hanging, "CANCEL, 487 and ACK")

    via = f"<sip:{gw2.host};transport=tcp;lr>"
    gw1.mode = lambda r: [(0, 200, {"Record-Route": via})]
    invite = order(lab, gw1)
    lab.wait(lambda: gw2.count("BYE") == 1 and gw2.count("ACK") >= 1, "ACK and BYE by the proxy")
    ack, bye = gw2.acks[0], gw2.byes[0]
    assert ack.msg.all("route") == bye.msg.all("route") == [via]
    assert bye.call_id == invite.call_id and bye.uri.startswith("sip:gw1@")
    assert lab.health("gw1") == "up"

    lab.allow_refused()
    lab.allow_log(r"send_prepared_request_impl\(\)")
    gw1.close()
    lab.rpc("failover_route.probe", "carriers", "gw1")
    lab.wait_health("gw1", "down")
