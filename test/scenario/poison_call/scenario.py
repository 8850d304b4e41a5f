"""A number no gateway answers must not take every gateway down in turn.

Peers row 18: with dispatcher such a call lost 289 of 900 healthy calls. Here 300
healthy calls run while the poison number is dialled again and again; none is lost,
and nothing goes down, although each poison call fails at all three gateways.
"""
import threading

LIMIT = 120


def story(lab):
    lab.start()
    gws = lab.gateways_named("gw1", "gw2", "gw3")
    for gw in gws:
        gw.mode = lambda r: [] if r.user == "666" else [(0, 180, None), (0.03, 200, None)]

    load = lab.load(rate=30, seconds=10, users=range(1000, 1300))
    poison = []
    while load.running:
        call = lab.call("666")
        poison.append(call)
        threading.Event().wait(0.3)
    load.wait()
    assert (load.placed, load.connected, load.failed) == (300, 300, 0), load.errors
    for call in poison:
        assert call.wait_final() == 408
    assert len(poison) > 20
    assert sum(gw.users.count("666") for gw in gws) == 3 * len(poison)
    assert lab.history() == []
    assert [lab.health(g.name) for g in gws] == ["up"] * 3
    assert load.quantile(0.99) < 1900  # and no healthy call waited for a timer
