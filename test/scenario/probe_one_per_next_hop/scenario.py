"""Two sets that hold the same next hop share one probe, and both believe it.

The TCP port of the same host is another next hop and gets its own. What was counted before
probing was turned off counts no more when it is on again.
"""
import time


def two_failed(lab, gw1):
    """Probing is turned off; had each hop two failed probes before that, no more and no less?"""
    gw1.clear()
    gw1.ping_code = 503
    lab.wait(lambda: len(gw1.options) >= 4, "two failed probes each")
    lab.edit_xml(('<defaults ', '<defaults enabled="no" '))
    lab.rpc("failover_route.reload")
    time.sleep(1.5)
    return sorted(r.transport for r in gw1.options) == ["tcp", "tcp", "udp", "udp"]


def story(lab):
    gw1 = lab.gateway("gw1")
    lab.start()
    lab.wait(lambda: len(gw1.options) >= 4, "the first probes")
    gw1.clear()
    began = time.monotonic()
    time.sleep(8)
    udp = [r for r in gw1.options if r.transport == "udp"]
    tcp = [r for r in gw1.options if r.transport == "tcp"]
    span = time.monotonic() - began
    assert all(0.75 * span <= len(pings) <= 1.25 * span for pings in (udp, tcp)), (span, len(udp), len(tcp))

    gw1.ping_code = 503
    for set_id, dst_id in (("carriers", "gw1"), ("backup", "main"), ("tcp", "gw1")):
        lab.wait_health(dst_id, "down", set_id)

    for _ in range(6):  # a third one may be too quick for us
        gw1.ping_code = 200
        for set_id, dst_id in (("carriers", "gw1"), ("backup", "main"), ("tcp", "gw1")):
            lab.wait_health(dst_id, "up", set_id)
        if two_failed(lab, gw1):
            break
        lab.edit_xml((' enabled="no"', ""))
        lab.rpc("failover_route.reload")
    assert lab.health("gw1") == lab.health("gw1", "tcp") == "up" and len(gw1.options) == 4
    lab.edit_xml((' enabled="no"', ""))
    lab.rpc("failover_route.reload")
    lab.wait(lambda: len(gw1.options) >= 6, "probes again")
    time.sleep(0.5)
    assert lab.health("gw1") == lab.health("gw1", "tcp") == "up" or len(gw1.options) >= 9
    lab.wait_health("gw1", "down")
    assert len(gw1.options) >= 9
