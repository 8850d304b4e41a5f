"""What README and the admin guide show of kamcmd's answers is what it answers.

Each command that stands there is given, in the order of the document and in the state that it is
shown for.
"""
import re
import shlex
import xml.etree.ElementTree as ET

from lib.shown import commands, differs
from lib.template import fill

LIMIT = 180
GUIDE = "modules/failover_route/doc/failover_route_admin.xml"


def of_readme(root):
    for block in re.findall(r"^```\n(# kamcmd .*?)^```$", (root / "README.md").read_text(), re.M | re.S):
        yield from commands(block)


def of_guide(root):
    for found in re.findall(r"<programlisting.*?</programlisting>", (root / GUIDE).read_text(), re.S):
        text = ET.fromstring(found).text.lstrip("\n")
        if text.startswith("# kamcmd"):
            yield from commands(text)


def answer(lab, command):
    """What kamcmd prints, an error as well, behind the grep that may stand there."""
    command, _, grep = command.partition(" | grep ")
    argv = shlex.split(command.replace("/etc/kamailio/", f"{lab.work}/"))
    try:
        told = lab.kamcmd(*argv[1:]).splitlines()
    except lab.RpcFault as fault:
        told = [f"error: {fault.code} - {fault.message}"]
    return [line for line in told if grep in line]


def undrawn(lines):
    """Without what is drawn."""
    if not any("drawn by weight" in line for line in lines):
        return lines
    return [line.replace("; this one would be chosen", "") for line in lines if "choice: " not in line]


def compare(lab, command, shown):
    """A hold that ends, a probe under way: it may take a moment."""
    def same():
        seen[:] = [differs(undrawn(shown), undrawn(answer(lab, command)))]
        return seen == [None]
    seen = []
    try:
        lab.wait(same, "the answer", 30)
    except lab.Timeout:
        raise AssertionError(f"{command}: {seen[0]}\n" + "\n".join(answer(lab, command))) from None


def readme(lab, us_east_1):
    lab.start()
    us_east_1.deaf()
    lab.place_many(range(200, 203))
    lab.wait_health("us-east-1", "down")
    us_east_1.blackhole()
    sample = (lab.root / "etc/failover_route.xml").read_text()
    (lab.work / "new.xml").write_text(sample.replace('try-timeout="4s"', 'try-timeout="4"'))
    done = [compare(lab, command, shown) for command, shown in of_readme(lab.root)]
    assert len(done) >= 4
    lab.stop()


# What is to be so before a command: edits of the table, changes at run time.
CHANGES = ('weight="70"', 'weight="71"'), ('weight="30"', 'weight="31"'), ("</set>", '<destination id="more" uri="sip:192.0.2.9"/></set>')
WRONG = ('try-timeout="4s"', 'try-timeout="4"'), ('uri="sip:${gw3}:5060;transport=tcp" ', "")


def edited(lab, name, *changes):
    """The table as the example has it, changed, as a file."""
    text = (lab.folder / "guide.xml").read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (lab.work / name).write_text(fill(text, lab.variables))


def before(lab, command, times):
    said = lab.kamcmd
    if "set_health" in command:
        said("failover_route.set_admin", "carriers", "east-2", "ready")
    elif "failover_route.probe" in command:
        said("failover_route.set_health", "carriers", "east-2", "up")
    elif "reload" in command:
        edited(lab, "failover_route.xml", *(WRONG[:1] if times else CHANGES))
    elif "check" in command:
        edited(lab, "failover_route.xml")
        edited(lab, "new.xml", *(WRONG if " all" in command else ()))
        said("failover_route.reload")
    elif "overlay_clear" in command:
        said("failover_route.add", "carriers", "spare", "sip:192.0.2.77")


def guide(lab, east_1):
    # what has an address of the documents is not to be reached from loopback
    lab.log.allow("reload refused", r"udp_send\(\): sendto\(.* \(192\.0\.2\.", r"msg_send_buffer\(\): udp_send failed")
    lab.start(xml="guide.xml")
    east_1.reject(503)
    lab.wait(lambda: lab.place(str(next(user))) and lab.health("east-1") == "down", "it is down")
    while "choice: east-2" not in lab.kamcmd("failover_route.explain", "carriers"):
        lab.restart()  # each process draws anew
    done = []
    # the newest change is the outage, as long as no command has made another
    for command, shown in sorted(of_guide(lab.root), key=lambda c: "history" not in c[0]):
        before(lab, command, done.count(command))
        compare(lab, command, shown)
        done.append(command)
    assert len(done) >= 14, done


user = iter(range(300, 400))


def story(lab):
    first, _, _ = lab.gateways_named("gw1", "gw2", "gw3")
    readme(lab, first)
    guide(lab, first)
