"""A state file that somebody has removed is written again, though nothing has changed; with its folder
gone that is told, and that it is over. A Kamailio that is killed then has what was kept.
"""
MODULE = '''loadmodule "${module_file}"
modparam("failover_route", "config_file", "${config_file}")
modparam("failover_route", "state_file", "${work}/folder/state")
modparam("failover_route", "state_interval", 1)'''
GONE = "cannot write the state file .*: No such file or directory"
AGAIN = "is written again"


def story(lab):
    folder = lab.work / "folder"
    folder.mkdir()
    state = folder / "state"
    lab.start(module=MODULE)
    lab.allow_log(GONE)
    lab.rpc("failover_route.set_admin", "carriers", "gw2", "maint")
    lab.wait(lambda: state.exists() and "admin=maint" in state.read_text(), "the wish is kept")
    state.unlink()
    lab.wait(state.exists, "the file is there again")
    assert lab.log.count(AGAIN) == 0

    folder.rename(lab.work / "away")
    lab.wait(lambda: lab.log.count(GONE), "it is told that the folder is gone")
    folder.mkdir()
    lab.wait(lambda: lab.log.count(AGAIN), "it is told that it is there")
    assert lab.log.count(GONE) == 1 == lab.log.count(AGAIN)
    lab.kill()
    lab.kamailio.start()
    assert lab.dst("gw2")["admin"] == "maint"
