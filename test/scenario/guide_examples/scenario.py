"""Every example of the admin guide is taken as it stands: tables by failover-route check, what is
Prometheus's by promtool, pieces of kamailio.cfg by a Kamailio that is started with them, and calls go
through each that routes.
"""
import re
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

LIMIT = 300
GUIDE = "modules/failover_route/doc/failover_route_admin.xml"
SHOWN = re.compile(r'carriers(/east-1)? |failover_route-state|trunks\.xml:|failover_route_|\{"id"'
                   r"|INSERT INTO|<failover-route version=\"1\">\n  <defaults \.\.\.>")
BLOCK = re.compile(r"^((?:\w+_)?route(?:\[[^]]*\])?) \{\n.*?^\}\n", re.M | re.S)
HEAD = re.compile(r"^(?:#!|loadmodule |modparam\(|include_file |[a-z_]+=).*\n", re.M)
LUA = re.compile(r"^-- .*?\n(.*)", re.M | re.S)
# what wants a server or a certificate is parsed only; the last wants a db_url
PARSED = ("db_url", "db_table_prefix", "tls_xavp", "include_file", "db_write_admin")
OPENING = '''	if (is_method("CANCEL|ACK")) {
		if (t_check_trans()) t_relay();
		exit;
	}
	if (has_totag()) {
		if (loose_route()) t_relay();
		exit;
	}
	record_route();
'''


def examples(guide):
    """Each that a reader would copy, without the dots."""
    for found in re.findall(r"<programlisting.*?</programlisting>", guide, re.S):
        text = ET.fromstring(found).text.strip("\n\t") + "\n"
        text = re.split(r"^# kamcmd", text, flags=re.M)[0]  # what is shown of answers
        if not text or SHOWN.match(text):
            continue
        text = text.replace("request_route {\n    ...\n", "request_route {\n" + OPENING)
        text = re.sub(r"^\s*\.\.\.\n", "", text, flags=re.M)
        lua = LUA.search(text)
        if lua and not text.startswith("modparam("):  # the same twice
            yield text[:lua.start()]
            text = lua[0]
        yield text


# --- tables -------------------------------------------------------------------

def check_table(lab, text):
    """A table, or a part of one that is put where it belongs."""
    destination = '<destination id="x" uri="sip:192.0.2.1"/>'
    text = text.replace('path-header="caller">', 'path-header="caller"></set>')
    if text.startswith("<set"):
        text = text.replace("</set>", destination + "</set>")
    elif not text.startswith(("<?xml", "<failover-route")):
        text = f'<set id="a">{text}{"" if "<destination" in text else destination}</set>'
    if "<failover-route" not in text:
        text = f'<failover-route version="1">{text}</failover-route>'
    for name in re.findall(r'href="(\S+)"', text):
        (lab.work / name).parent.mkdir(exist_ok=True)
        (lab.work / name).write_text(f'<set id="{Path(name).stem}">{destination}</set>')
    (lab.work / "new.xml").write_text(text)
    ran = subprocess.run([lab.root / "build/failover-route", "check", lab.work / "new.xml"],
                         capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, f"{text}\n{ran.stdout}{ran.stderr}"


# --- Prometheus's ---------------------------------------------------------------

def check_prometheus(lab, text):
    (lab.work / "prometheus.yml").write_text(text)
    ran = subprocess.run(["promtool", "check", "config", "--syntax-only", lab.work / "prometheus.yml"],
                         capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0 and "SUCCESS" in ran.stdout, f"{text}\n{ran.stdout}{ran.stderr}"


# --- pieces of kamailio.cfg -----------------------------------------------------

def taken_apart(text):
    """The lines of the head, the route blocks, what is left: the statements; and Lua."""
    lua = LUA.search(text)
    text = text[:lua.start()] if lua else text
    blocks = {m[1]: m[0] for m in BLOCK.finditer(text)}
    text = BLOCK.sub("", text)
    return "".join(HEAD.findall(text)), blocks, HEAD.sub("", text), lua[1] if lua else ""


def routing(text, blocks, statements):
    """A request_route that uses what the example has."""
    use = "".join(f'\tt_on_reply("{name}");\n' for name in re.findall(r"onreply_route\[(\w+)\]", text))
    if not re.sub(r"#.*", "", statements).strip():
        steps = "failure_route[NEXT]" in blocks
        statements = ('\tt_on_failure("NEXT");\n\tif (frt_select("carriers")) t_relay();\n' if steps
                      else '\tif (!frt_relay("carriers")) send_reply("500", "None");\n')
    return f"request_route {{\n{OPENING}{use}{statements}\texit;\n}}\n"


def stubs(text):
    """The routes that the example names and does not show."""
    named = {(kind, name) for kind, pattern in (("route", r"\broute\((\w+)\)"), ("failure_route", r't_on_failure\("(\w+)"'),
                                                ("branch_route", r't_on_branch\("(\w+)"'))
             for name in re.findall(pattern, text)}
    return "".join(f"{kind}[{name}] {{\n\texit;\n}}\n" for kind, name in sorted(named)
                   if f"\n{kind}[{name}]" not in "\n" + text)


def write_cfg(lab, text):
    """Writes kamailio.cfg with the example in it."""
    head, blocks, statements, lua = taken_apart(text)
    base = (lab.folder / "kamailio.cfg").read_text()
    for name in re.findall(r'loadmodule "([\w.]+)"', head):
        if name in base:  # it is there already
            head = re.sub(rf'loadmodule "{name}".*\n', "", head)
    if "$sht(outage" in text:
        head += 'modparam("htable", "htable", "outage=>size=4;")\n'
    wanted = re.findall(r'^modparam\("(\w+)"', head, re.M) + ["xhttp"] * ("[xhttp:request]" in text)
    for name in {*wanted} - {"failover_route"}:
        if f'"{name}.so"' not in base + head:
            head = f'loadmodule "{name}.so"\n' + head
    ours = f'loadmodule "{lab.variables["module_file"]}"\n'
    head = head.replace('loadmodule "failover_route.so"\n', ours)
    if ours not in head:
        first = re.match(r"(?:(?:#!|loadmodule ).*\n)*", head).end()
        head = head[:first] + ours + head[first:]
    head = head.replace("db_postgres.so", "db_sqlite.so")  # which is here
    head = re.sub(r'"/etc/kamailio/\w+\.xml"', f'"{lab.variables["config_file"]}"', head)
    head = head.replace('"/var/lib/kamailio/', f'"{lab.work}/')
    head = head.replace("/usr/share/failover_route", f"{lab.root}/etc")
    head = re.sub(r"listen=.*\n|socket_workers=.*\n|tcp_accept_no_cl=.*\n", "", head)
    if "config_file" not in head:
        head += f'modparam("failover_route", "config_file", "{lab.variables["config_file"]}")\n'
    request = blocks.pop("request_route", None)
    if request is None:
        request = routing(text, blocks, statements)
    if lua:
        if "function " not in lua:
            lua = f"function ksr_request_route()\n{lua}end\n"
        else:
            lua += 'function ksr_request_route()\nKSR.failover_route.frt_relay("carriers")\nend\n'
        (lab.work / "route.lua").write_text(lua)
        head += f'loadmodule "app_lua.so"\nmodparam("app_lua", "load", "{lab.work}/route.lua")\ncfgengine "lua"\n'
        request, blocks = "", {}
    lab.render("failover_route.xml")
    lab.render("kamailio.cfg", head=head, request_route=request,
               routes="".join(blocks.values()) + ("" if lua else stubs(text)))


def is_group(text):
    """Parameters alone, or event routes of the module alone: all of one kind go into one start."""
    _, blocks, statements, lua = taken_apart(text)
    if lua or re.sub(r"#.*", "", statements).strip() or any(word in text for word in PARSED):
        return None
    if not blocks:
        return "parameters"
    return "events" if all(b.startswith("event_route[failover_route:") for b in blocks) else None


def grouped(texts):
    groups, alone = {"parameters": "", "events": ""}, []
    for text in texts:
        if is_group(text):
            groups[is_group(text)] += text
        else:
            alone.append(text)
    return [*groups.values(), *alone]


# --- what it does -----------------------------------------------------------------

def get(lab, path):
    ran = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", f"http://{lab.slot.kam}:8081{path}"],
                         capture_output=True, text=True, timeout=20, check=False)
    return int(ran.stdout)


def tries(lab, text, gateways):
    """Calls, and what else the example is there for."""
    for gateway in gateways:
        gateway.answer()
    if "frt_is_from" not in text:
        there = {"uri": "sip:100@carriers"} if "$rd" in text else {}
        lab.place("100", **there)
        gateways[0].reject(503)
        lab.place("101", **there)
    if "[OVERFLOW]" in text:
        for gateway in gateways[:3]:
            gateway.reject(503)
        before = len(gateways[3].calls)
        lab.place("102")
        assert len(gateways[3].calls) == before + 1
    if "frt_report" in text:
        assert [get(lab, "/mos/east-1/34") for _ in range(3)] == [200] * 3
        assert "down (quality)" in lab.kamcmd("failover_route.list", "carriers")
    if "/gw-east-1-down" in text:
        assert get(lab, "/gw-east-1-down") == 200
        assert "down (admin)" in lab.kamcmd("failover_route.list", "carriers")
    if "frt_http" in text:
        assert [get(lab, path) for path in ("/metrics", "/failover", "/other")] == [200, 200, 404]
    if "[failover_route:dst-down]" in text:
        for health in ("down", "up"):
            for destination in ("east-1", "east-2", "west"):
                lab.kamcmd("failover_route.set_health", "carriers", destination, health)
        lab.kamcmd("failover_route.reload")
        for line in (r"carriers/west \(sip:.*: set down by the operator", "carriers/west is back: ",
                     "carriers is on its backup: ", "loaded "):
            lab.log.wait_for(line)


def story(lab):
    gateways = lab.gateways_named("gw1", "gw2", "gw3", "gw4")
    texts = list(examples((lab.root / GUIDE).read_text()))
    tables = [t for t in texts if t.startswith("<")]
    for text in tables:
        check_table(lab, text)
    prometheus = [t for t in texts if t.startswith("rule_files:")]
    for text in prometheus:
        check_prometheus(lab, text)
    started = 0
    for text in grouped(t for t in texts if not t.startswith("<") and t not in prometheus):
        write_cfg(lab, text)
        if any(word in text for word in PARSED):
            ran = subprocess.run(["kamailio", "-c", "-f", lab.work / "kamailio.cfg"], capture_output=True, text=True,
                                 timeout=60, check=False)
            assert ran.returncode == 0, f"{text}\n{ran.stderr}"
            continue
        try:
            lab.kamailio.start()
            tries(lab, text, gateways)
            lab.stop()
        except AssertionError as e:
            raise AssertionError(f"the example\n{text}\n{e}") from None
        started += 1
    assert len(tables) >= 5 and prometheus and started >= 15, (len(tables), len(prometheus), started)
