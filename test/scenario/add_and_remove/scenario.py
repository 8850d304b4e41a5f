"""add and remove change the table at run time, and a reload does not undo that.

The overlay stays until it is removed or taken into the file; a call in progress on a
removed destination ends in order (peers row 11: dispatcher.remove leaks).
"""
import re


def ids(lab):
    return [d["id"] for d in lab.set()["destinations"]]


def process_of(lab, line):
    """What the process is called that has logged it."""
    pid = re.search(r"\((\d+)\)", lab.log.wait_for(line)).group(1)
    listed = lab.rpc("core.ps")  # pid, name, pid, name ...
    return listed[listed.index(int(pid)) + 1]


def story(lab):
    lab.start()
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    generation = lab.rpc("failover_route.list")["generation"]
    lab.rpc("failover_route.add", "carriers", "gw3", f"sip:{gw3.host}", 0, 5)
    assert ids(lab) == ["gw3", "gw1", "gw2"]  # by priority
    told = lab.dst("gw3")
    assert (told["priority"], told["weight"], told["health"]) == (0, 5, "up")
    call = lab.call("100")
    assert call.wait_final() == 200 and len(gw3.calls) == 1
    lab.rpc("failover_route.reload")
    assert ids(lab) == ["gw3", "gw1", "gw2"] and lab.dst("gw3")["attempts"] == 1

    lab.rpc("failover_route.remove", "carriers", "gw3")
    assert ids(lab) == ["gw1", "gw2"]
    assert call.reinvite() == 200 and call.bye() == 200 and len(gw3.byes) == 1
    lab.place("101")
    assert len(gw1.calls) == 1
    lab.rpc("failover_route.reload")
    assert ids(lab) == ["gw1", "gw2"]
    assert lab.rpc("failover_route.list")["generation"] >= generation + 4

    for args, code in ((("carriers", "gw1", f"sip:{gw3.host}"), 400),
                       (("nobody", "gw4", f"sip:{gw3.host}"), 404),
                       (("carriers", "gw4", "nonsense"), 400),
                       (("carriers", "gw4", f"sip:{gw3.host}", 1, 70000), 400)):
        assert lab.fault("failover_route.add", *args).code == code
    assert lab.fault("failover_route.remove", "carriers", "gw9").code == 404
    assert ids(lab) == ["gw1", "gw2"]

    # what a reload would warn of is told at once
    for uri, said in (("sip:gw.example.net", "each call's SIP worker waits for the DNS"),
                      (f"sip:{gw3.host};transport=tls", "no socket to send that from")):
        told = lab.rpc("failover_route.add", "carriers", "odd", uri)["warnings"]
        assert len(told) == 1 and said in told[0], told
        assert lab.rpc("failover_route.remove", "carriers", "odd")["warnings"] == []

    # who reads the log finds each change by its name; what was refused is none
    for method, args, line in (("add", ("1", "gw4", f"sip:{gw3.host}"), "carriers/gw4: added at run time"),
                               ("set_weight", ("carriers", "gw4", 20), "carriers/gw4: weight 20 set at run time"),
                               ("remove", ("1", "gw2"), "carriers/gw2: removed at run time"),
                               ("overlay_clear", ("1", "gw2"), "carriers/gw2: what was changed at run time is dropped"),
                               ("overlay_clear", (), "every set: what was changed at run time is dropped")):
        lab.rpc(f"failover_route.{method}", *args)
        # a large table takes a second or two: not in the worker that got it over HTTP
        assert process_of(lab, line) == "failover_route loader"
    assert lab.log.count("carriers/odd: added at run time") == 2
    assert lab.log.count("at run time(?!, which)") == 11
