"""Two Kamailios with this module, one behind the other: an edge, and a core with the gateways.

What the core's gateways refuse is not held against the core; CANCEL reaches who rings; the
core hangs up the late answer of its gateway; what the edge no longer waits for ends there.
"""
from lib.kamailio import Kamailio
from lib.logfile import LogFile

RELAY = '''$var(set) = "carriers";
	if ($si == "${caller}") $var(set) = "cores";
	if ($si == "${caller}" && $rU =~ "^2") $var(set) = "impatient";
	if (!frt_relay("$var(set)")) send_reply("500", "No destination");'''


def core_of(lab):
    """A Kamailio with the same files, on an address of its own."""
    work, host = lab.work / "core", lab.slot.host(4)
    work.mkdir()
    text = lab.kamailio.cfg.read_text().replace(lab.slot.kam, host)
    (work / "kamailio.cfg").write_text(text.replace(f"{lab.work}/", f"{work}/"))
    (work / "failover_route.xml").write_text((lab.work / "failover_route.xml").read_text())
    return Kamailio(work, host, LogFile(work / "kamailio.log"))


def story(lab):
    lab.start(core=lab.slot.host(4), relay=RELAY)
    core = core_of(lab)
    core.start()
    try:
        chained(lab, *lab.gateways_named("gw1", "gw2", "gw3"))
    finally:
        core.stop()
    assert core.log.traps() == []


def chained(lab, gw1, gw2, gw3):
    gw1.mode = lambda r: [(1.2, 200, None)]  # late for the core, whose other one answers
    call = lab.place("100")
    assert call.codes == [180, 200] and gw2.users == ["100"]
    lab.wait(lambda: gw1.byes, "the late answer is hung up")

    gw1.reject(503)
    gw2.ringing()
    call = lab.call("101")
    call.wait_code(180)
    assert call.cancel() == 200 and call.wait_final() == 487 and len(gw2.cancels) == 1

    gw1.trying()
    call = lab.place("200")
    assert call.final.get("contact").find(gw3.host) >= 0
    lab.wait(lambda: len(gw1.cancels) == 1, "the edge's CANCEL")

    gw1.reject(503, {"Retry-After": "10"})
    gw2.reject(503, {"Retry-After": "10"})
    told = lab.dst("core", "cores")
    for user in "103", "104", "105", "106":
        assert lab.place(user).final.get("contact").find(gw3.host) >= 0
    after = lab.dst("core", "cores")
    assert after["health"] == "up" and after["failed"] == told["failed"] == 0
    assert after["attempts"] - told["attempts"] == 4
