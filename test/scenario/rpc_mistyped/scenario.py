"""A mistyped argument is refused, and stands for nothing: least of all for everything.

kamcmd makes a number with a fraction of 1.5, and ctl hands that on as if there was none; a
script's variable that is not set makes an empty word.
"""


def ids(lab):
    return [d["id"] for d in lab.set()["destinations"]]


def refused(lab, how, method, *args):
    """The code of the fault; nothing has changed."""
    before = lab.rpc("failover_route.list")["generation"]
    try:
        told = getattr(lab, how)(f"failover_route.{method}", *args)
    except lab.RpcFault as fault:
        assert lab.rpc("failover_route.list")["generation"] == before
        return fault.code
    raise AssertionError(f"{how} {method} {args}: {told}")


def story(lab):
    lab.start()
    lab.log.allow("field is not a")  # jsonrpcs
    spare = f"sip:{lab.slot.gateway('gw4')}"
    lab.rpc("failover_route.add", "carriers", "spare", spare)
    lab.rpc("failover_route.add", "carriers", "1.5", spare, 2)
    kept = ids(lab)

    assert refused(lab, "kamcmd", "overlay_clear", 1.5) == 400
    assert refused(lab, "kamcmd", "overlay_clear", "carriers", 1.5) == 400
    for args, code in ((("",), 400), (("carriers", ""), 400), ((None,), 400), (("carriers", None), 400),
                       (("carriers", "spaer"), 404), (("*", "spaer"), 404), (("carriers", "x" * 200), 404),
                       (("carriers", "spare", "more"), 400)):
        assert refused(lab, "rpc", "overlay_clear", *args) == code, args
    assert ids(lab) == kept

    # nor is a default taken for it
    for method, args in (("add", ("carriers", "gw5", spare, 1.5)), ("add", ("carriers", "gw5", spare, 1, 1.5)),
                         ("set_weight", ("carriers", "spare", 1.5)), ("list", (1.5,)), ("metrics", (1.5,)),
                         ("history", (1.5,)), ("explain", ("carriers", 1.5)), ("list", ("carriers", 0, 1.5)),
                         ("set_admin", ("carriers", "spare", "maint", 1.5))):
        assert refused(lab, "kamcmd", method, *args) == 400, (method, args)
    assert lab.dst("spare")["admin"] == "ready"

    # a word is one, and says how much went; what is not changed is cleared of nothing
    assert "cleared: 1\n" in lab.kamcmd("failover_route.overlay_clear", "carriers", "s:1.5")
    assert lab.rpc("failover_route.overlay_clear", "carriers", "gw1")["cleared"] == 0
    assert "cleared: 1\n" in lab.kamcmd("failover_route.overlay_clear", 1)  # the set's number
    assert lab.rpc("failover_route.overlay_clear")["cleared"] == 0
    assert ids(lab) == ["gw1", "gw2", "gw3"]
    assert lab.log.count("what was changed at run time is dropped") == 2
