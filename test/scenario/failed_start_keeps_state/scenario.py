"""A start that fails leaves the state file as it is, whatever it fails for: what was drained,
added or down is so when Kamailio starts at last.
"""
import subprocess


def story(lab):
    lab.start(modparams='modparam("failover_route", "state_interval", 1)\n')
    gw1, _, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    lab.rpc("failover_route.set_admin", "carriers", "gw2", "drain")
    lab.rpc("failover_route.add", "carriers", "gw9", "sip:192.0.2.9", 9)
    gw1.reject(503)
    lab.place_many((100, 101, 102))
    lab.wait_health("gw1", "down")
    lab.stop()
    state, cfg = lab.work / "state", lab.kamailio.cfg
    known, good = state.read_bytes(), cfg.read_text()
    assert b"gw9" in known and b"admin=drain" in known
    lab.log.allow(".*")

    def fails(why, text=good):
        cfg.write_text(text)
        assert lab.kamailio.refuses_to_start() != 0
        cfg.write_text(good)
        assert state.read_bytes() == known, f"{why}: the state file is another"

    lab.edit_xml(('version="1"', 'version="9"'))
    fails("bad XML")
    lab.edit_xml(('version="9"', 'version="1"'))
    ours = good.index('loadmodule "' + lab.variables["module_file"])
    dispatcher = ('loadmodule "dispatcher.so"\n'
                  'modparam("dispatcher", "list_file", "/nonexistent")\n')
    fails("a module before ours", good[:ours] + dispatcher + good[ours:])
    routes = good.index("request_route {")
    fails("a module after ours", good[:routes] + dispatcher + good[routes:])
    fails("the script does not parse", good + "\nroute[X] { nonsense( }\n")

    cfg.write_text(good + "\nroute[X] { nonsense( }\n")
    checked = subprocess.run(["kamailio", "-c", "-f", str(cfg)], capture_output=True, timeout=30)
    assert checked.returncode != 0
    cfg.write_text(good)
    assert state.read_bytes() == known, "kamailio -c: the state file is another"

    lab.kamailio.start()
    assert lab.dst("gw2")["admin"] == "drain" and lab.dst("gw9")["priority"] == 9
    assert lab.health("gw1") == "down"
    called = len(gw3.calls)
    lab.place("200")
    assert len(gw3.calls) == called + 1
