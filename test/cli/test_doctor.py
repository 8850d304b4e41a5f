"""doctor: what stands in the way of a restart, on a real Kamailio."""
import json
import os
import pwd
import re
import socket
import subprocess
import sys
import unittest
from pathlib import Path

from tool import MODULE, ROOT, ToolTest, config, tool

sys.path.insert(0, str(ROOT / "test"))
from lib.addresses import Slot  # noqa: E402
from lib.dns import Dnsmasq, can_mount  # noqa: E402

CFG = '''#!KAMAILIO
listen=udp:127.0.0.1:5060
{head}
loadmodule "tm.so"
loadmodule "ctl.so"
loadmodule "{module}"
modparam("ctl", "binrpc", "unix:{folder}/ctl")
modparam("failover_route", "config_file", "{folder}/frt.xml")
modparam("failover_route", "state_file", "{folder}/state/frt.state")
{tail}
request_route {{ exit; }}
'''
TABLE = config('''  <set id="a">
    <destination id="x" uri="sip:192.0.2.1"/>
  </set>''')


@unittest.skipUnless(os.geteuid() == 0, "needs root, to be another user")
class Doctor(ToolTest):
    def setUp(self):
        super().setUp()
        self.folder.chmod(0o755)
        self.user = pwd.getpwnam("kamailio")
        (self.folder / "state").mkdir()
        os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        os.chown(self.folder / "state", self.user.pw_uid, self.user.pw_gid)
        self.table(TABLE)

    def table(self, text):
        self.file("frt.xml", text).chmod(0o644)

    def cfg(self, head="", tail="", module=MODULE, text=CFG):
        self.file("kamailio.cfg", text.format(
            head=head, tail=tail, module=module, folder=self.folder)).chmod(0o644)

    def doctor(self, *args, code, prefix=()):
        command = ["doctor", "--json", "--config", "kamailio.cfg", *args]
        if not prefix:
            ran = self.run_tool(*command, code=code)
        else:
            run = subprocess.run([*prefix, tool(), *command], cwd=self.folder, text=True,
                                 capture_output=True, check=False)
            self.assertEqual(run.returncode, code, run)
            return json.loads(run.stdout)["findings"]
        self.assertEqual(ran.json["exit"], code)
        return ran.json["findings"]

    def bad(self, findings):
        return [f for f in findings if f["level"] in ("error", "warning")]

    def only(self, findings, topic, pattern, remedy=None):
        """Exactly this is wrong."""
        bad = self.bad(findings)
        self.assertEqual([f["topic"] for f in bad], [topic], bad)
        self.assertRegex(bad[0]["text"], pattern)
        if remedy:
            self.assertRegex(bad[0]["remedy"], remedy)

    def test_all_is_well(self):
        self.cfg()
        findings = self.doctor(code=0)
        self.assertEqual(self.bad(findings), [])
        self.assertIn("frt.xml: 1 set, 1 destination", [f["text"] for f in findings if f["topic"] == "table"][-1])
        self.assertEqual({f["topic"] for f in findings},
                         {"kamailio", "module", "config", "rights", "table", "state", "sockets"})
        out = self.run_tool("doctor", "--config", "kamailio.cfg", code=0).out
        self.assertIn("Nothing is in the way of a start.", out)

    @unittest.skipUnless(can_mount(), "no mount namespace")
    def test_the_system_log_has_nothing_of_it(self):
        self.cfg()
        where = str(self.folder / "log")
        own_dev = ('mount -t tmpfs tmpfs /dev && mknod -m 666 /dev/null c 1 3 && mknod -m 666 /dev/zero c 1 5 && mknod -m 666 /dev/urandom c 1 9 '
                   '&& ln -s "$0" /dev/log && exec "$@"')
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
            log.bind(where)
            log.settimeout(0)
            findings = self.doctor(code=0, prefix=(
                "unshare", "-m", "--propagation", "private", "sh", "-c", own_dev, where))
            self.assertEqual(self.bad(findings), [])
            with self.assertRaises(BlockingIOError):
                self.fail(log.recv(4096))

    def test_what_could_not_run(self):
        self.assertIn("No such file", self.run_tool(
            "doctor", "--config", "none.cfg", code=2).err)
        self.cfg()
        self.assertIn("there is no program", self.run_tool(
            "doctor", "--kamailio", "/no/kamailio", "--config", "kamailio.cfg", code=2).err)
        self.assertIn("does not tell", self.run_tool(
            "doctor", "--kamailio", "/bin/true", "--config", "kamailio.cfg", code=2).err)

    def other_module(self, old, new):
        data = MODULE.read_bytes()
        self.assertIn(old, data)
        return self.file("failover_route.so", data.replace(old, new))

    def test_a_module_of_another_version_is_found_before_the_restart(self):
        version = re.search(rb"kamailio (\d+\.\d+\.)(\d)[^ ]* \(", MODULE.read_bytes())
        other = version.group(1) + (b"8" if version.group(2) == b"9" else b"9")
        self.cfg(module=self.other_module(version.group(1) + version.group(2), other))
        module, parse = self.bad(self.doctor(code=1))
        self.assertIn(f"is for kamailio {other.decode()}", module["text"])
        self.assertIn("make install", module["remedy"])
        self.assertIn("version mismatch", parse["text"])

    def test_a_module_with_other_flags_is_found_with_the_flags(self):
        self.cfg(module=self.other_module(b"USE_MCAST", b"USE_NCAST"))
        module = self.bad(self.doctor(code=1))[0]
        self.assertRegex(module["text"], "lacks USE_MCAST has USE_NCAST")

    def test_the_flags_are_those_that_kamailio_compares(self):
        """From 6.1 on it tells of more than it compares; both are in its file."""
        version, flags = (re.search(p, MODULE.read_bytes())[0].decode() for p in (
            rb"kamailio \d+\.\d+\.[^ ]* \([^)]*\)", rb"[A-Z][A-Z0-9_-]+(, [A-Z][A-Z0-9_-]+){4,}"))
        fake = self.file("kamailio", f'''#!/bin/sh
case "$1" in
-v) echo "version: {version}"; echo "flags: {flags}, DBG_QM_MALLOC" ;;
*) exec kamailio "$@" ;;
esac
exit
{flags}
{flags}, DBG_QM_MALLOC
''')
        fake.chmod(0o755)
        self.cfg()
        self.assertEqual(self.bad(self.doctor("--kamailio", str(fake), code=0)), [])

    def test_a_module_that_is_not_there_or_none(self):
        self.cfg(module=self.folder / "none/failover_route.so")
        self.assertIn("no such file", self.bad(self.doctor(code=1))[0]["text"])
        self.cfg(module=self.file("failover_route.so", "no library"))
        self.assertIn("no version and flags", self.bad(self.doctor(code=1))[0]["text"])

    def test_a_module_by_its_name_is_found_where_kamailio_looks(self):
        self.cfg(head=f'mpath="{MODULE.parent}:{self.find_modules()}"',
                 module="failover_route.so")
        findings = self.doctor(code=0)
        self.assertTrue(any(f["topic"] == "module" and str(MODULE) in f["text"]
                            for f in findings), findings)

    def find_modules(self):
        text = subprocess.run(["kamailio", "-h"], capture_output=True, text=True).stdout
        return re.search(r"search path \(default: ([^)]+)\)", text).group(1)

    def test_a_configuration_without_the_module(self):
        self.cfg(text="#!KAMAILIO\nlisten=udp:127.0.0.1:5060\nrequest_route {{ exit; }}\n")
        self.only(self.doctor(code=1), "module", "does not load failover_route", "loadmodule")

    def test_tm_after_the_module_and_no_way_to_ask(self):
        self.cfg(text=CFG.replace('loadmodule "tm.so"\n', "").replace(
            "{tail}", 'loadmodule "tm.so"').replace('loadmodule "ctl.so"\n', "").replace(
                'modparam("ctl", "binrpc", "unix:{folder}/ctl")\n', ""))
        texts = [f["text"] for f in self.bad(self.doctor(code=1))]
        self.assertTrue(any("tm is loaded after" in t for t in texts), texts)
        self.assertTrue(any("neither ctl nor jsonrpcs" in t for t in texts), texts)

    def test_an_error_of_kamailio_cfg_is_told_with_its_line(self):
        self.cfg(tail="route[X] { foo bar; }")
        bad = [f for f in self.bad(self.doctor(code=1)) if f["topic"] == "config"]
        self.assertRegex(bad[0]["text"], r"^parse error in config file .*, line \d+")
        self.assertIn("kamailio -c -f", bad[-1]["remedy"])

    def test_defines_ifdefs_includes_and_substs_are_understood(self):
        self.file("more.cfg", '#!define TABLE "{0}/other.xml"\n'.format(self.folder))
        self.cfg(head='#!substdef "!STATEDIR!nowhere!g"\ninclude_file "more.cfg"\n'
                 '# modparam("failover_route", "config_file", "/commented/out")\n'
                 '#!ifdef NOT_DEFINED\nloadmodule "nothing.so"\n#!endif',
                 tail='// modparam("failover_route", "config_file", "/commented/out")\n'
                 '/* modparam("failover_route", "config_file", "/commented/out") */\n'
                 '#!ifdef WITH_OTHER\nmodparam("nix|failover_route", "config_file", TABLE)\n'
                 'modparam("failover_route", "state_file", "{0}/STATEDIR/x")\n#!endif'.format(
                     self.folder))
        self.assertEqual(self.bad(self.doctor(code=0)), [])
        table, state = self.bad(self.doctor("--define", "WITH_OTHER", code=1))
        self.assertIn("other.xml: No such file", table["text"])
        self.assertIn("/nowhere, for the state file: no such folder", state["text"])

    def test_a_define_has_the_value_it_is_given(self):
        self.file("other.xml", config('<set id="b"/>')).chmod(0o644)
        self.cfg(head=f'#!trydef TABLE "{self.folder}/frt.xml"',
                 tail='modparam("failover_route", "config_file", TABLE)')
        self.assertEqual(self.bad(self.doctor(code=0)), [])
        findings = self.doctor("--define", f'TABLE="{self.folder}/other.xml"', code=1)
        self.only(findings, "table", "other.xml: 1 error")

    def test_a_value_that_cannot_be_told_is_no_finding(self):
        self.cfg(tail='modparamx("failover_route", "config_file", "$env(FRT)")')
        findings = self.doctor(code=0)
        self.assertTrue(any("cannot be told" in f["text"] for f in findings))

    def test_a_bad_table(self):
        self.table(TABLE.replace('id="x"', 'id="x" weight="many"'))
        self.cfg()
        self.only(self.doctor(code=1), "table", r"frt.xml: 1 error, the first in line 3: .*many",
                  "failover-route check")

    def test_a_set_that_the_table_has_not(self):
        """Every call would be refused."""
        self.table(TABLE.replace('id="a"', 'id="a" number="7"'))
        self.cfg(tail="""#!define SET "b"
route[GOOD] { frt_relay("a"); frt_select("7", "$rU"); frt_relay("$var(set)"); }
route[BAD] { if (!frt_relay(SET)) exit; frt_select("7a"); if (frt_relay("b")) exit; }
""")
        bad = self.bad(self.doctor(code=1))
        self.assertEqual([(f["level"], f["topic"]) for f in bad], [("warning", "table")] * 2, bad)
        for name, finding in zip(("b", "7a"), bad):
            self.assertIn(f'routes to the set "{name}", which is not in', finding["text"])

    def test_a_folder_is_no_table(self):
        self.cfg()
        (self.folder / "frt.xml").unlink()
        (self.folder / "frt.xml").mkdir()
        findings = self.doctor(code=1)
        self.only(findings, "table", "frt.xml: not a regular file", "config_file")
        self.assertEqual([f for f in findings if f["topic"] == "table" and f["level"] == "ok"], [])
        out = self.run_tool("doctor", "--config", "kamailio.cfg", code=1).out
        self.assertNotIn("ok       table", out)

    def test_rights_are_those_of_kamailios_user(self):
        self.cfg()
        (self.folder / "frt.xml").chmod(0o600)
        self.only(self.doctor(code=1), "table", "kamailio may not read .*frt.xml", "chmod g\\+r")
        (self.folder / "frt.xml").chmod(0o644)
        os.chown(self.folder / "state", 0, 0)
        self.only(self.doctor(code=1), "state", "may not make files in .*/state", "chown kamailio")
        self.assertEqual(self.bad(self.doctor("--user", "root", code=0)), [])
        self.only(self.doctor("--user", "nobody_at_all", code=1), "rights", "there is no user")

    def test_a_closed_folder_on_the_way_is_named(self):
        closed = self.folder / "closed"
        self.file("closed/sub/frt.xml", TABLE).chmod(0o644)
        closed.chmod(0o700)
        self.cfg(tail=f'modparam("failover_route", "config_file", "{closed}/sub/frt.xml")')
        self.only(self.doctor(code=1), "table", "may not read", f"chmod o\\+x {closed}$")

    def test_an_included_file_that_the_user_cannot_read(self):
        self.file("more.xml", config('<set id="m"><destination id="x" uri="sip:192.0.2.9"/></set>'))
        (self.folder / "more.xml").chmod(0o600)
        self.table(config('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" '
                          'href="more.xml"/>'))
        self.cfg()
        self.only(self.doctor(code=1), "table", "may not read .*more.xml")

    def test_the_state_file(self):
        self.cfg()
        path = self.file("state/frt.state", "something else\n")
        path.chmod(0o644)
        self.only(self.doctor(code=1), "state", "is damaged, or no state file: line 1")
        path.write_text("failover_route-state 99\n")
        self.only(self.doctor(code=1), "state", "of a version")
        path.chmod(0o600)
        self.assertIn("may not read", self.bad(self.doctor(code=1))[0]["text"])
        path.unlink()
        path.mkdir()
        self.only(self.doctor(code=1), "state", "no regular file")

    def test_a_state_file_that_is_a_link(self):
        self.cfg()
        (self.folder / "state/frt.state").symlink_to("../elsewhere/frt.state")
        self.only(self.doctor(code=1), "state", "elsewhere, for the state file: no such folder")
        (self.folder / "state").rename(self.folder / "elsewhere")
        (self.folder / "state").mkdir(mode=0o755)
        (self.folder / "elsewhere/frt.state").rename(self.folder / "state/frt.state")
        self.doctor(code=0)

    def test_a_state_file_that_is_a_link_to_a_link(self):
        self.cfg()
        (self.folder / "state/frt.state").symlink_to("next")
        (self.folder / "state/next").symlink_to("../elsewhere/frt.state")
        self.only(self.doctor(code=1), "state", "elsewhere, for the state file: no such folder")

    def test_no_state_file_is_noted(self):
        self.cfg(text=re.sub(r".*state_file.*\n", "", CFG))
        findings = self.doctor(code=0)
        self.assertTrue(any("there is no state_file" in f["text"] for f in findings))

    def test_an_address_that_this_machine_does_not_have(self):
        self.cfg(head="listen=tcp:203.0.113.77:5060")
        self.only(self.doctor(code=1), "sockets",
                  r"listen=tcp:203.0.113.77:5060: this machine has no such address", "interface")

    def test_a_socket_that_kamailio_does_not_listen_on(self):
        for socket, code in (("udp:127.0.0.1:5060", 0), ("udp:127.0.0.1:5061", 1),
                             ("tcp:127.0.0.1:5060", 1), ("udp:127.0.0.2:5060", 1)):
            with self.subTest(socket):
                self.table(TABLE.replace('id="x"', f'id="x" socket="{socket}"'))
                self.cfg(text=CFG.replace("{head}", "disable_tcp=yes"))
                findings = self.doctor(code=code)
                if code:
                    self.only(findings, "sockets", re.escape(socket), f"listen={socket}")
                    self.assertEqual(self.bad(findings)[0]["line"], 3)

    def test_a_socket_by_what_it_advertises_and_by_its_name(self):
        """Kamailio takes them, and the module with it."""
        head = """disable_tcp=yes
listen=udp:127.0.0.1:5070 advertise 203.0.113.1:7070 name "out"
listen=udp:localhost:5090 advertise 203.0.113.2
listen=udp:[::1]:5080 advertise [2001:db8::1]:7080"""
        for socket, code in (("udp:203.0.113.1:7070", 0), ("udp:203.0.113.2:5090", 0),
                             ("udp:localhost:5090", 0), ("udp:127.0.0.1:5090", 0),
                             ("udp:[2001:db8::1]:7080", 0), ("udp:[::1]:5080", 0),
                             ("udp:203.0.113.1:7071", 1), ("tcp:203.0.113.1:7070", 1)):
            with self.subTest(socket):
                uri = "sip:[2001:db8::9]" if "[" in socket else "sip:192.0.2.1"
                self.table(TABLE.replace('id="x" uri="sip:192.0.2.1"',
                                         f'id="x" uri="{uri}" socket="{socket}"'))
                self.cfg(text=CFG.replace("{head}", head))
                findings = self.doctor(code=code)
                if code:
                    self.only(findings, "sockets", re.escape(socket), f"listen={socket}")

    def test_max_calls_without_dialog(self):
        self.table(TABLE.replace('id="x"', 'id="x" max-calls="3"'))
        self.cfg()
        self.only(self.doctor(code=1), "table", "dialog is not loaded", "dlg_manage")

    def test_a_database_is_noted_and_no_file_is_expected(self):
        self.cfg(text=re.sub(r".*config_file.*\n", "", CFG),
                 tail='modparam("failover_route", "db_url", "text:///nowhere")')
        findings = self.doctor(code=0)
        self.assertTrue(any("in a database" in f["text"] for f in findings), findings)

    def test_names(self):
        if not can_mount():
            self.skipTest("cannot mount a resolv.conf")
        slot = Slot()  # other tests may run beside
        server = Dnsmasq(self.folder, slot.dns, {
            ("up.test", "A"): [(60, "192.0.2.1")],
            ("target.test", "A"): [(60, "192.0.2.2")],
            ("_sip._udp.srv.test", "SRV"): [(60, 1, 1, 5060, "target.test")],
            ("naptr.test", "NAPTR"): [(60, 1, 1, "s", "SIP+D2U", "", "_sip._udp.srv.test")],
        }, 60)
        self.addCleanup(server.close)
        resolv = self.file("resolv.conf", f"nameserver {slot.dns}\n")
        mount = ["unshare", "-m", "--propagation", "private", "sh", "-c",
                 'mount --bind "$0" /etc/resolv.conf && exec "$@"', str(resolv)]
        good = ('<destination id="h" uri="sip:up.test" resolve="host"/>'
                '<destination id="s" uri="sip:srv.test" resolve="srv"/>'
                '<destination id="n" uri="sip:naptr.test" resolve="naptr"/>')
        self.table(config(f'<set id="a">{good}</set>'))
        self.cfg()
        findings = self.doctor(code=0, prefix=mount)
        self.assertTrue(any(f["text"] == "all names of the table resolve" for f in findings))
        self.table(config(f'''<set id="a">{good}
<destination id="gone" uri="sip:gone.test" resolve="host"/>
<destination id="nosrv" uri="sip:nosrv.test" resolve="srv"/>
<destination id="plain" uri="sip:plain.test:5060"/>
</set>'''))
        bad = [f for f in self.bad(self.doctor(code=1, prefix=mount)) if f["topic"] == "dns"]
        self.assertEqual([f["line"] for f in bad], [3, 4, 5])
        self.assertIn("gone.test: no such name", bad[0]["text"])
        self.assertIn("_sip._udp.nosrv.test", bad[1]["text"])
        self.assertIn("the name plain.test does not resolve now: no such name", bad[2]["text"])
        self.assertFalse([f for f in self.doctor("--no-dns", code=1) if f["topic"] == "dns"])

    def test_whatever_the_configuration_has_it_is_read_to_its_end(self):
        """With a Kamailio that says anything: the tool must not fall over it."""
        fake = self.file("kamailio", '#!/bin/sh\ncase "$1" in -v) echo "version: kamailio 9.9.9 '
                         '(x/y)"; echo "flags: A";; --cfg-print) cat said;; *) cat listen; esac\n')
        fake.chmod(0o755)
        self.file("kamailio.cfg", "").chmod(0o644)
        self.file("listen", "Listening on\n   udp: \n  x\n   : :\n  tcp: [\n  udp: [::1]:\n")
        for text in ("", '"', "'", '"\\', "/*", "/* *", "#!", "#!subst", '#!subst "', '#!subst "!',
                     '#!substdef "!a', '#!substdef "!a!b', '#!subst "/(/x/"\nmodparam("a","b","c")',
                     '#!subst "/x*/y/"\nloadmodule "zzz"', "#!define", "#!define X",
                     "#!define X\\", "modparam", "modparam(", "modparam(,", 'modparam("a"',
                     'modparam("a","b",', 'modparam("(","state_file","c")', "loadmodule",
                     "loadmodule(", "user", "user=", "}}}}user=root", "mpath", "!!", "#", "//"):
            with self.subTest(text):
                self.file("said", text)
                self.run_tool("doctor", "--kamailio", fake, "--config", "kamailio.cfg", code=1)

    def test_someone_else_is_told_that_rights_are_not_seen(self):
        self.cfg()
        self.file("state/frt.state", "").parent.chmod(0o750)  # as the drop-in for systemd makes it
        copy = self.file("tool", Path(tool()).read_bytes())
        copy.chmod(0o755)
        run = subprocess.run(["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups",
                              str(copy), "doctor", "--config", str(self.folder / "kamailio.cfg")],
                             capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 0, run)
        self.assertIn("Run it as root, or as kamailio.", run.stdout)
        self.assertIn("state/frt.state: Permission denied", run.stdout)
