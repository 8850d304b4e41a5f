"""What `failover-route convert` makes of a list and a script of dispatcher's."""
import subprocess


def _tool(lab, *args):
    ran = subprocess.run([lab.root / "build/failover-route", "convert", *args], text=True,
                         capture_output=True, cwd=lab.work, timeout=60, check=False)
    assert ran.returncode in (0, 1), ran.stderr
    return ran.stdout


def from_dispatcher(lab):
    """The story's dispatcher.list as failover_route.xml, whose text comes back; its
    kamailio.cfg is changed as the diff says."""
    xml = _tool(lab, "dispatcher", "--cfg", "kamailio.cfg", "dispatcher.list")
    (lab.work / "failover_route.xml").write_text(xml)
    diff = _tool(lab, "kamailio", "--config-file", lab.variables["config_file"], "kamailio.cfg")
    subprocess.run(["patch", "-p0", "-s"], input=diff, text=True, cwd=lab.work, check=True, timeout=60)
    cfg = lab.work / "kamailio.cfg"
    cfg.write_text(cfg.read_text().replace("failover_route.so", lab.variables["module_file"]))
    return xml
