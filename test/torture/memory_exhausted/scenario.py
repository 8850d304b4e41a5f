"""Shared memory that is used up: a clear error, and calls go on with the table there is.

Tables that do not fit; hundreds of destinations added one by one until there is no room; then
calls while what is left is nearly nothing. Kamailio lives, and when there is room again all
of it works as before.
"""
from lib.template import fill

LIMIT = 120


def table(lab, count):
    real = (lab.folder / "failover_route.xml").read_text()
    body = "".join(f'<destination id="d{n}" uri="sip:127.99.{n >> 8 & 255}.{n & 255}:{5000 + (n >> 16)}"/>\n'
                   for n in range(count))
    return fill(real, lab.variables).replace(
        "</failover-route>", f'<set id="big"><probe enabled="no"/>{body}</set></failover-route>')


def refused(lab):
    fault = lab.fault("failover_route.reload")
    assert fault.code == 500 and "memory" in fault.message, fault


def story(lab):
    lab.allow_log(r"shm|memory|MEM|shared", r"ERROR: .*(tm|core|sl|dialog|http)")
    path = lab.work / "failover_route.xml"
    lab.configure()
    lab.gateways_named("gw1", "gw2")
    lab.kamailio.start(16)
    small = path.read_text()
    lab.place("100")
    generation = lab.rpc("failover_route.list")["generation"]
    load = lab.load(rate=20, seconds=12, users=range(1000, 1100))
    for count in (40000, 120000, 40000):
        path.write_text(table(lab, count))
        refused(lab)
        assert lab.rpc("failover_route.list", "carriers")["generation"] == generation
    load.wait()
    assert (load.connected, load.failed) == (load.placed, 0), load.errors

    # as much as fits, then one by one until nothing does
    size = 40000
    while size:
        path.write_text(table(lab, size))
        try:
            lab.rpc("failover_route.reload", timeout=60)
            break
        except lab.RpcFault as fault:
            assert fault.code == 500, fault
            size = size * 3 // 4
    assert size > 1000
    added = 0
    try:
        while added < 5000:
            lab.rpc("failover_route.add", "carriers", f"x{added}", "sip:127.99.0.1", 9, 1)
            added += 1
    except lab.RpcFault as fault:
        assert fault.code == 500 and "memory" in fault.message, fault
    assert added < 5000
    # 10 calls with next to no memory: each ends, whichever way; Kamailio lives
    for call in [lab.call(str(200 + n)) for n in range(10)]:
        call.wait_final(40)
    path.write_text(small)
    lab.wait(lambda: cleared(lab), "a reload when calls have let go of the old table", limit=40)
    load = lab.load(rate=20, seconds=3, users=range(1000, 1100)).wait()
    assert (load.connected, load.failed) == (load.placed, 0), load.errors
    assert [d["id"] for d in lab.set()["destinations"]] == ["gw1", "gw2"]


def cleared(lab):
    try:
        lab.rpc("failover_route.overlay_clear", timeout=60)
        return True
    except lab.RpcFault as fault:
        assert fault.code in (409, 500), fault
        return False
