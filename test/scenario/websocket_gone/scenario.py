"""A destination over WebSocket that has no connection to Kamailio, which opens none, goes down.

Kamailio cannot even write the Via for it, and calls that an error of memory: its calls moved
on, each with errors in the log, and it stayed up.
"""
import os


def story(lab):
    if not any(os.path.exists(f"{d}/websocket.so") for d in lab.variables["mpath"].split(":")):
        raise lab.Skip("no kamailio-websocket-modules")
    lab.start(modules=["websocket"])
    lab.allow_log("could not create Via header", "could not build request", "failure to add branches")
    gw2 = lab.gateway("gw2")
    for _ in range(3):
        assert lab.place("100").finals == [200]
    assert len(gw2.calls) == 3
    told = lab.wait_health("gw1", "down")
    assert told["failed"] == 3 and "unreachable" in told["reason"]
