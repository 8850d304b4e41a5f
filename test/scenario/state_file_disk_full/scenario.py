"""A disk that is full is told once, and once that it is over; then the state file has what was kept."""
from lib.disk import SmallDisk

MODULE = '''loadmodule "${module_file}"
modparam("failover_route", "config_file", "${config_file}")
modparam("failover_route", "state_file", "${work}/disk/state")
modparam("failover_route", "state_interval", 1)'''
FULL = "cannot write the state file"
AGAIN = "is written again"


def story(lab):
    disk = SmallDisk(lab.work / "disk")
    lab.start(module=MODULE)
    lab.allow_log(FULL)
    state = lab.work / "disk/state"
    lab.wait(state.exists, "the first one is written")
    disk.fill()
    lab.rpc("failover_route.set_admin", "carriers", "gw2", "drain")
    lab.wait(lambda: lab.log.count(FULL), "it is told that it cannot be written")
    assert lab.log.count(AGAIN) == 0
    disk.empty()
    lab.wait(lambda: lab.log.count(AGAIN), "it is told that it can")
    assert lab.log.count(FULL) == 1 == lab.log.count(AGAIN)
    lab.kill()
    lab.kamailio.start()
    assert lab.dst("gw2")["admin"] == "drain"
