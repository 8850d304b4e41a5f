"""However a parallel call ends, it leaves no shared memory behind and no call counted.

Under a load in which two answer in the same moment, one is cancelled each time and the
table is reloaded meanwhile: every caller is connected once, every second answer is hung up.
"""
import random
import time

LIMIT = 180


def every_way(lab, gw1, gw2, gw3, gw5):
    gw1.answer()
    gw2.ringing()
    gw3.deaf()
    lab.place("100")
    lab.place("101", method="MESSAGE")
    gw1.reject(486)
    gw2.reject(503)
    lab.place("102", expect=486)
    gw1.ringing()
    lab.place("103", expect=408)  # rang and was not answered
    gw1.reject(503)
    gw5.answer()
    lab.place("104")  # the next tier, where gw4 refuses the connection
    gw5.reject(480)
    lab.place("105", expect=480)
    lab.place("106", expect=480, method="MESSAGE")
    gw1.ringing()
    gw2.reject(603, delay=0.1)
    lab.place("107", expect=603)
    gw2.trying()
    seen = len(gw3.calls)
    call = lab.call("108")
    gw3.wait_calls(seen + 1)
    call.wait_code(180)
    assert call.cancel() == 200 and call.wait_final() == 487


def settled(lab):
    """Shared memory once nothing is under way."""
    used = lab.shm_at_rest()
    lab.wait(lambda: [d["calls"] for d in lab.set()["destinations"]] == [0] * 5, "no call counted")
    return used


def story(lab):
    lab.count_shm()
    lab.start()
    lab.allow_refused()
    gw1, gw2, gw3, gw5 = lab.gateways_named("gw1", "gw2", "gw3", "gw5")
    every_way(lab, gw1, gw2, gw3, gw5)
    before = settled(lab)
    for _ in range(3):
        every_way(lab, gw1, gw2, gw3, gw5)
    assert settled(lab) <= before + 4096  # each worker keeps the context of its last message

    def answers(r):
        return [(0, 180, None), (random.choice((0.03, 0.05, 0.06)), 200, None)]
    lab.edit_xml(('"1s"', '"8s"'), ('"500ms"', '"8s"'))  # here nobody is to be late
    lab.rpc("failover_route.reload")
    gw1.mode = gw2.mode = answers
    gw3.mode = lambda r: [(0, 100, None)]
    for gw in (gw1, gw2, gw3, gw5):
        gw.clear()
    load = lab.load(rate=25, seconds=8, users=range(1000, 1100))
    while load.running:
        lab.rpc("failover_route.reload")
        time.sleep(0.3)
    load.wait()
    assert (load.placed, load.connected, load.failed) == (200, 200, 0), load.errors
    assert [len(gw.calls) for gw in (gw1, gw2, gw3, gw5)] == [200, 200, 200, 0]
    late = settled(lab) and lab.dst("gw1")["late"] + lab.dst("gw2")["late"]
    assert gw1.count("BYE") + gw2.count("BYE") == 200 + late
    assert settled(lab) <= before + 4096
    told = [lab.dst(name) for name in ("gw1", "gw2", "gw3")]
    assert told[0]["ok"] + told[1]["ok"] >= 200 and told[2]["health"] == "up"
