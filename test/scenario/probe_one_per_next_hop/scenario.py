"""Two sets that hold the same next hop share one probe, and both believe it.

The TCP port of the same host is another next hop and gets its own. What was counted before
probing was turned off counts no more when it is on again.
"""
import time


def story(lab):
    gw1 = lab.gateway("gw1")
    lab.start()
    lab.wait(lambda: len(gw1.options) >= 4, "the first probes")
    gw1.clear()
    time.sleep(8)
    udp = [r for r in gw1.options if r.transport == "udp"]
    tcp = [r for r in gw1.options if r.transport == "tcp"]
    assert 6 <= len(udp) <= 10 and 6 <= len(tcp) <= 10

    gw1.ping_code = 503
    for set_id, dst_id in (("carriers", "gw1"), ("backup", "main"), ("tcp", "gw1")):
        lab.wait_health(dst_id, "down", set_id)
    gw1.ping_code = 200
    for set_id, dst_id in (("carriers", "gw1"), ("backup", "main"), ("tcp", "gw1")):
        lab.wait_health(dst_id, "up", set_id)

    gw1.clear()
    gw1.ping_code = 503
    lab.wait(lambda: len(gw1.options) == 4, "two failed probes each")
    lab.edit_xml(('<defaults ', '<defaults enabled="no" '))
    lab.rpc("failover_route.reload")
    time.sleep(1.5)
    assert lab.health("gw1") == lab.health("gw1", "tcp") == "up" and len(gw1.options) == 4
    lab.edit_xml((' enabled="no"', ""))
    lab.rpc("failover_route.reload")
    lab.wait(lambda: len(gw1.options) >= 6, "probes again")
    time.sleep(0.5)
    assert lab.health("gw1") == lab.health("gw1", "tcp") == "up"
    lab.wait_health("gw1", "down")
    assert len(gw1.options) >= 9
