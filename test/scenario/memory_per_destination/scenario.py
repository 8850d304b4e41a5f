"""Shared memory a destination: at most 512 bytes, loaded and probed, and after reloads the same.

5,000 of them stand beside one that has calls. They are listed from the first second, with
zeros; a call makes room for what it leaves behind, once, and its counters survive all reloads.
"""
LIMIT = 200
MANY, BUDGET, WITH_CALLS = 5000, 512, 1024  # holes of the allocator count as used: 10 % are let be


def table(lab, weight=1, name="us-east"):
    uri = f"sip:{lab.slot.gateway('gw1')}"
    lines = ['<failover-route version="1">', '<defaults><probe interval="2s"/></defaults>',
             '<set id="carriers">', f'<destination id="gw1" uri="{uri}"/></set>', '<set id="big">']
    # one next hop, which one OPTIONS is for: all of them are probed in a moment
    lines += [f'<destination id="{name}-{n}" uri="{uri};x={n}" weight="{weight}"/>'
              for n in range(MANY)]
    (lab.work / "failover_route.xml").write_text("\n".join(lines + ["</set></failover-route>"]))


def reload(lab, times=1):
    for _ in range(times):
        lab.rpc("failover_route.reload", timeout=60)


def last(lab):
    page = lab.rpc("failover_route.list", "big", MANY - 1, 1)
    return page["sets"][0]["destinations"][0]


def story(lab):
    lab.configure()
    lab.gateway("gw1")
    lab.kamailio.start(64)
    lab.rpc("failover_route.list")
    small = lab.shm_bytes()

    def each():
        return (lab.shm_bytes() - small) / MANY

    table(lab)
    reload(lab)
    shown = last(lab)
    assert (shown["attempts"], shown["ok"], shown["pdd_ms"], shown["full"]) == (0, 0, 0, 0), shown
    lab.wait(lambda: last(lab)["probe_rtt_ms"] > 0, "all are probed", limit=60)
    lab.wait(lambda: 0 < each() <= BUDGET, "the old table has gone", limit=20)
    once = each()
    print(f"{once:.0f} bytes a destination")

    for weight in (1, 2):  # first with the same table
        table(lab, weight)
        reload(lab, 5)
        lab.wait(lambda: each() <= min(BUDGET, once * 1.1), f"memory is as it was: {each():.0f}", limit=20)

    before = lab.shm_bytes()
    lab.place("100")
    load = lab.load(rate=20, seconds=2).wait()
    assert load.connected == load.placed
    lab.wait(lambda: lab.shm_bytes() - before <= WITH_CALLS + 4096, "calls have gone", limit=40)
    calls = lab.dst("gw1")["attempts"]
    assert calls > 1

    table(lab, name="eu-west")  # all of them are others
    reload(lab, 2)
    lab.wait(lambda: each() <= min(BUDGET, once * 1.1), f"those that have gone left nothing: {each():.0f}",
             limit=20)
    assert lab.dst("gw1")["attempts"] == calls
