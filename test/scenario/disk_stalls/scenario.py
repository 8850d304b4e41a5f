"""The disk of the state file and of an include stalls: calls, commands, the log and event routes go on.

Who reads or writes there waits until it goes on, and then all of it is done.
"""
import threading

from lib.stalling import StallingDisk

TOLD = '''event_route[failover_route:dst-down] {
	xlog("L_NOTICE", "told that $frt(event.destination) is down\\n");
}'''
INCLUDED = '<destination id="gw3" uri="sip:${gw3}" priority="3"/>'


def story(lab):
    disk = StallingDisk(lab.work / "disk")
    lab.configure(routes=TOLD, modparams=f'''
modparam("failover_route", "state_file", "{disk.path}/state")
modparam("failover_route", "state_interval", 1)
''')
    lab.edit_xml((INCLUDED, '<xi:include href="disk/gw3.xml" xmlns:xi="http://www.w3.org/2001/XInclude"/>'))
    (disk.path / "gw3.xml").write_text(lab.filled({0: [(INCLUDED,)]})[0][0][0])
    lab.kamailio.start()
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    state = disk.path / "state"
    lab.wait(state.exists, "the state file")

    disk.stall()
    lab.rpc("failover_route.set_health", "carriers", "gw1", "down")
    lab.wait(lambda: disk.waiting() == 1, "the state file's writer waits")
    lab.log.wait_for("told that gw1 is down")
    lab.place_many(range(100, 110))
    assert len(gw2.calls) == 10
    answer = []
    asked = threading.Thread(target=lambda: answer.append(lab.rpc("failover_route.reload", timeout=60)))
    asked.start()
    lab.wait(lambda: disk.waiting() == 2, "the reload waits")
    gw2.reject(503)
    lab.place_many(range(110, 120))
    lab.rpc("failover_route.add", "carriers", "late", "sip:" + lab.slot.gateway("gw3"), 9, 1)
    lab.wait_health("gw2", "down")
    lab.log.wait_for("told that gw2 is down")
    lab.log.wait_for("carriers/gw2 down: ")
    assert len(gw3.calls) == 10 and answer == []

    disk.go_on()
    asked.join(30)
    assert answer[0]["destinations"] == 4

    def whole():
        text = state.read_text()
        return "id=gw2" in text and text.splitlines()[-1].startswith("end ") and all(
            "health=down" in line for line in text.splitlines() if "id=gw1" in line or "id=gw2" in line)
    lab.wait(whole, "the state file says what became of them")
    lab.restart()
    assert [lab.health(gw) for gw in ("gw1", "gw2")] == ["down", "down"]
