"""convert kamailio: scripts to a diff that patch takes and Kamailio accepts."""
import re
import shutil
import subprocess
import unittest
from pathlib import Path

from tool import ROOT, ToolTest

MODULES = [p for p in ("/usr/lib/x86_64-linux-gnu/kamailio/modules",
                       "/usr/lib/aarch64-linux-gnu/kamailio/modules") if Path(p).is_dir()]
HEAD = '''#!KAMAILIO
listen=udp:127.0.0.1:5999
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "dispatcher.so"
'''
ALL = HEAD + '''#!define DS_GROUP 1
#!define DS_TEXT "2"
#!define DISPATCH ds_select_dst("1", "4")
#!substdef "!SETNO!3!g"
modparam("dispatcher", "list_file", "/etc/kamailio/dispatcher.list")
modparam("dispatcher", "flags", 2);
modparam("dispatcher|tm", "version", 1)
#!ifdef WITH_PING
modparam("dispatcher", "ds_ping_interval", 10)
#!else
modparam("dispatcher", "ds_ping_interval", 30)
#!endif
request_route {
	# ds_select_dst("9", "9");
	// ds_next_domain() was here
	xlog("say \\"ds_next_dst()\\" 'x' // ds_next_dst()\\n");
	if (ds_is_from_list()) { xlog("from $xavp(_dsdst_=>uri)\\n"); }
	if (ds_is_from_list("1", "3") && !ds_list_exists("4")) exit;
	if (!ds_select_dst(DS_GROUP, 8)) exit;
	if (!ds_select_dst(DS_TEXT, "1", 3)) exit;
	if (!DISPATCH) exit;
	if (!ds_select_dst("SETNO", "0")) exit;
	$var(set) = 4; $var(alg) = 4;
	if (!ds_select_dst("$var(set)", "$var(alg)")) exit;
	if (!ds_select_routes("1=4;2=1", "0")) exit;
	ds_select_routes("1=4;2=1", "0");
	ds_select("1", "4");
	if (ds_set_dst()) xlog("x\\n"); else ds_mark_dst();
	ds_load_update();
	ds_reload();
	if ($xavp(_dsctx_=>cnt) > 3) exit;
	if (ds_is_active("1")) { ds_mark_dst("p"); }
	if (ds_is_active("1", "sip:x")) { ds_mark_dst("p"); ds_load_unset(); exit; }
	while (ds_is_active("1")) { ds_mark_dst("p"); ds_mark_dst(); }
	ds_mark_dst("dp"); /* ds_x */ ds_mark_dst("a");
	if ($(xavp(_dsdst_=>attrs){param.value,prefix}) == "00") exit;
	switch ($rU) { case "1": ds_mark_dst("p"); break; default: ds_next_domain(); }
	t_on_failure("F");
	t_relay();
}
failure_route[F] { ds_mark_dst("p"); }
failure_route[G] {
	if (t_is_canceled()) exit;
	if (t_check_status("50[0-9]") || t_branch_timeout()) {
		ds_mark_dst("p");
		if (ds_next_dst()) { t_on_failure("G"); t_relay(); exit; }
	}
}
event_route[dispatcher:dst-down] { xlog("$ru $rU $dsv(reason) $dsv(code)\\n"); $var(x) = $ru; }
event_route[dispatcher:dst-up] { xlog("L_ERR", "$ru up\\n"); }
'''
STOCK_ROUTES = '''
#!ifdef WITH_DISPATCHER
loadmodule "dispatcher.so"
modparam("dispatcher", "list_file", "/etc/kamailio/dispatcher.list")
modparam("dispatcher", "flags", 2)
modparam("dispatcher", "xavp_dst", "_mydst_")
modparam("dispatcher", "ds_ping_interval", 30)
#!endif
'''
STOCK_END = '''
#!ifdef WITH_DISPATCHER
route[TO_GATEWAYS] {
	if (!ds_select_dst("1", "4")) {
		send_reply("404", "No destination");
		exit;
	}
	t_on_failure("GATEWAY_FAILED");
	route(RELAY);
	exit;
}
failure_route[GATEWAY_FAILED] {
	if (t_is_canceled()) exit;
	if (t_check_status("5[0-9][0-9]") or (t_branch_timeout() and !t_branch_replied())) {
		if (ds_next_dst()) {
			xlog("next: $xavp(_mydst_=>uri)\\n");
			t_on_failure("GATEWAY_FAILED");
			route(RELAY);
			exit;
		}
	}
}
#!endif
'''


def kamailio_check(path, *options):
    """What kamailio -c says against the file; empty if nothing."""
    path_option = ":".join([str(ROOT / "build"), *MODULES])
    ran = subprocess.run(["kamailio", "-c", "-L", path_option, "-f", str(path), *options],
                         capture_output=True, text=True, timeout=60, check=False)
    return "" if ran.returncode == 0 else ran.stderr + ran.stdout


class Script(ToolTest):
    def convert(self, text, name="kamailio.cfg", options=(), code=None):
        """Converts, patches, and returns (new text, report texts)."""
        self.file(name, text)
        answer = self.run_tool("convert", "--json", *options, "kamailio", name, code=code).json
        self.file("d.diff", answer["diff"])
        if answer["diff"]:
            subprocess.run(["patch", "-p0", "-s", "-i", "d.diff"], cwd=self.folder, check=True, timeout=60)
        new = (self.folder / name).read_text()
        self.hunks_fit(answer["diff"], new, name)
        again = self.run_tool("convert", "--json", *options, "kamailio", name).json
        self.assertEqual(again["diff"], "", "a second conversion changes nothing")
        return new, [f'{i["line"]}: {i["verdict"]}: {i["text"]}' for i in answer["report"]]

    def hunks_fit(self, diff, new, name):
        """The lines of each hunk are where it says they are."""
        lines, part = new.split("\n"), diff[diff.find(f"+++ {name}\n"):].split("\n--- ")[0]
        for hunk in re.split(r"^@@ ", part, flags=re.M)[1:]:
            start, count = map(int, re.match(r"-\d+,\d+ \+(\d+),(\d+) @@", hunk).groups())
            body = [l[1:] for l in hunk.split("\n")[1:] if l[:1] in (" ", "+")]
            self.assertEqual(len(body), count)
            self.assertEqual(lines[start - 1:start - 1 + count], body)

    def lint(self, routes):
        _, report = self.convert("request_route { }\n" + routes)
        return [r for r in report if ": lint:" in r]


@unittest.skipUnless(shutil.which("kamailio"), "no kamailio here")
class RealKamailio(Script):
    def accepted(self, text, *options, before=True):
        if before:
            path = self.file("old.cfg", text)
            self.assertEqual(kamailio_check(path, *options), "", "the old one")
        new, _ = self.convert(text)
        self.assertFalse("dispatcher.so" in new)
        self.assertEqual(kamailio_check(self.folder / "kamailio.cfg", *options), "")
        return new

    def test_every_function_in_every_place(self):
        text = ALL.replace('modparam("dispatcher|tm", "version", 1)\n', "")
        new = self.accepted(text)
        self.accepted(text, "-A", "WITH_PING")
        for line in ('#!define DISPATCH frt_select("1")', "if (!frt_select(DS_GROUP)) exit;",
                     'if (!frt_select(DS_TEXT, "$fu")) exit;', 'frt_select("$var(set)")',
                     'if (!(frt_select("1") || frt_select("2", "$fu"))) exit;',
                     'if (!frt_select("1")) frt_select("2", "$fu");', 'if (frt_is_from("*"))',
                     "failure_route[F] { ; }", "event_route[failover_route:dst-up]",
                     '$frt(event.uri) $rU $frt(event.reason)', '$var(x) = $frt(event.uri);',
                     "$(xavp(frt=>attr_attrs){param.value,prefix})", 'frt_mark("down");'):
            self.assertTrue(line in new, line)
        # comments and strings are nobody's code
        for line in ('# ds_select_dst("9", "9");', "// ds_next_domain() was here",
                     r'''xlog("say \"ds_next_dst()\" 'x' // ds_next_dst()\n");''', "/* ds_x */"):
            self.assertTrue(line in new, line)

    def test_an_else_stays_with_its_if(self):
        new = self.accepted(HEAD + '''route[X] { exit; }
#!define EACH ds_select_routes("1=4;2=8", "0");
request_route {
	EACH
	if (is_method("INVITE")) ds_select_routes("1=4;2=8", "0"); else ds_select_dst("3", "4");
	if (is_method("INVITE")) ds_select_routes("1=4;2=8;3=8", "0") ; else ds_select_dst("3", "4");
	if (is_method("INVITE")) while (is_method("X"))
		ds_select_routes("1=4;2=8", "0");
	else ds_select_dst("3", "4");
	if (is_method("INVITE")) if (is_method("X")) exit; else ds_select_routes("1=4;2=8", "0"); else exit;
	if (is_method("INVITE")) ds_select_routes("1=4", "0"); else exit;
	if (is_method("INVITE")) { ds_select_routes("1=4;2=8", "0"); } else exit;
	switch ($rU) { case "1": ds_select_routes("1=4;2=8", "0"); break; }
	if (is_method("INVITE")) EACH else exit;
}
''')
        one = 'if (!frt_select("1")) frt_select("2")'
        for line in (f'if (is_method("INVITE")) {{ {one}; }} else frt_select("3");',
                     'if (is_method("INVITE")) { if (!frt_select("1")) if (!frt_select("2")) frt_select("3"); } else frt_select("3");',
                     f'\t\t{{ {one}; }}\n\telse frt_select("3");', f"exit; else {{ {one}; }} else exit;",
                     'if (is_method("INVITE")) frt_select("1"); else exit;',
                     f'if (is_method("INVITE")) {{ {one}; }} else exit;',
                     f'case "1": {one}; break;', f"#!define EACH {one}; else;\n"):
            self.assertIn(line, new)

    def test_the_sample_of_kamailio_with_dispatcher(self):
        stock = Path("/etc/kamailio/kamailio.cfg").read_text()
        marker = "####### Routing Logic ########"
        self.assertIn(marker, stock)
        text = stock.replace(marker, STOCK_ROUTES + marker, 1) + STOCK_END
        new = self.accepted(text, "-A", "WITH_DISPATCHER")
        self.assertEqual(kamailio_check(self.folder / "kamailio.cfg"), "")
        self.assertTrue("next: $frt(uri)" in new)

    def test_includes_are_converted_where_they_are(self):
        self.file("gw/route.cfg", 'route[GW] {\n\tif (!ds_select_dst("1", "4")) exit;\n\tt_relay();\n}\n')
        new = self.accepted(HEAD + 'include_file "gw/route.cfg"\nimport_file "none.cfg"\nrequest_route { route(GW); }\n',
                            before=False)
        self.assertIn('frt_select("1")', (self.folder / "gw/route.cfg").read_text())
        self.assertIn('include_file "gw/route.cfg"', new)


class Text(Script):
    def test_hunks_far_apart_and_lines_that_go(self):
        gap = "".join(f"# {i}\n" for i in range(20))
        new, _ = self.convert('modparam("dispatcher", "flags", 2)\n' + gap + 'modparam("dispatcher", "flags", 2)\n'
                              + gap + "request_route {\n\tds_next_dst();\n}\n")
        self.assertEqual(new, gap + gap + "request_route {\n\tfrt_next();\n}\n")

    def test_an_empty_file_and_one_that_becomes_empty(self):
        self.assertEqual(self.convert("")[0], "")
        answer = self.run_tool("convert", "kamailio", self.file("x.cfg", 'modparam("dispatcher", "flags", 2)\n')).out
        self.assertIn("@@ -1,1 +0,0 @@", answer)

    def test_files_elsewhere_are_patched_from_the_root(self):
        for main, included in (("{0}/kamailio.cfg", "more.cfg"), ("../kamailio.cfg", "more.cfg"),
                               ("kamailio.cfg", "{0}/more.cfg")):
            with self.subTest(main):
                main, included = main.format(self.folder), included.format(self.folder)
                self.file("kamailio.cfg", f'include_file "{included}"\nrequest_route {{\n\tds_next_dst();\n}}\n')
                self.file("more.cfg", "route[X] {\n\tds_next_dst();\n}\n")
                below = self.folder / ("sub" if main.startswith("..") else ".")
                below.mkdir(exist_ok=True)
                answer = self.run_tool("convert", "--json", "kamailio", main, cwd=below).json
                self.assertTrue([r for r in answer["report"] if r["verdict"] == "note" and "patch -p0 -d /" in r["text"]])
                subprocess.run(["patch", "-p0", "-s", "-d", "/"], input=answer["diff"], text=True, check=True, timeout=60)
                for name in ("kamailio.cfg", "more.cfg"):
                    self.assertIn("frt_next()", (self.folder / name).read_text())

    def test_nothing_of_dispatcher_no_diff(self):
        new, report = self.convert("request_route { exit; }\n", code=0)
        self.assertEqual((new, report), ("request_route { exit; }\n", []))

    def test_other_modules_keep_a_shared_modparam(self):
        new, _ = self.convert('modparam("dispatcher|tm|x", "a", 1)\nmodparam("dispatcher", "flags", 2);\n')
        self.assertEqual(new, 'modparam("tm|x", "a", 1)\n')

    def test_a_password_in_the_diff_is_told(self):
        """patch needs the line: who hands the diff on shall know."""
        for line in ('modparam("dispatcher", "db_url", "mysql://kamailio:pw@localhost/kamailio")',
                     'loadmodule "dispatcher.so"\nmodparam("acc", "db_url", "mysql://u:pw@h/k")',
                     'loadmodule "dispatcher.so"\nmodparam("uac","auth_password","pw")'):
            _, report = self.convert(line + "\nrequest_route { }\n")
            self.assertEqual([r.partition(": ")[0] for r in report if "password in it" in r],
                             [str(line.count("\n") + 1)], report)
        for line in ('modparam("dispatcher", "db_url", "mysql://kamailio@localhost/kamailio")',
                     'loadmodule "dispatcher.so"\n\n\n\nmodparam("acc", "db_url", "mysql://u:pw@h/k")'):
            _, report = self.convert(line + "\nrequest_route { }\n")
            self.assertFalse([r for r in report if "password" in r], report)

    def test_config_file_of_the_new_one(self):
        new, _ = self.convert('loadmodule "dispatcher.so"\nrequest_route { }\n', options=("--config-file", "/x/y.xml"))
        self.assertIn('modparam("failover_route", "config_file", "/x/y.xml")', new)
        new, _ = self.convert('loadmodule "/usr/lib/dispatcher"\nmodparam("dispatcher", "db_url", "x")\n')
        self.assertEqual(new, 'loadmodule "/usr/lib/failover_route"\n'
                              'modparam("failover_route", "config_file", "/etc/kamailio/failover_route.xml")\n')

    def test_tm_parameters_that_the_module_needs(self):
        _, report = self.convert('modparam("tm", "failure_reply_mode", 1)\n')
        self.assertIn("1: unsupported: tm's failure_reply_mode must be 3", report[0])

    def test_what_cannot_be_said_is_left_and_told(self):
        text = ('request_route {\n$xavp(_dsdst_=>uri) = "x";\nds_select_routes("$var(x)", "0");\n'
                'xlog("$xavp(_dsdst_[2]=>uri)");\n}\n')
        new, report = self.convert(text)
        self.assertEqual(new, text)
        self.assertEqual(len([r for r in report if "unsupported" in r]), 3)

    def test_a_command_of_dispatcher_is_told(self):
        text = """request_route { jsonrpc_exec('{"jsonrpc":"2.0","method":"dispatcher.reload","id":1}'); }\n"""
        new, report = self.convert(text)
        self.assertEqual(new, text)
        self.assertEqual(len([r for r in report if "1: unsupported: an RPC command of dispatcher" in r]), 1, report)

    def test_to_load_dispatcher_is_no_command_of_it(self):
        _, report = self.convert('loadmodule "dispatcher.so"\n')
        self.assertEqual([r for r in report if "unsupported" in r], [])

    def test_what_is_compared_is_not_written_to(self):
        new, _ = self.convert('request_route {\nif ($xavp(_dsdst_=>uri) =~ "x" || $xavp(_dsdst_=>uri) == "x") exit;\n}\n')
        self.assertEqual(new, 'request_route {\nif ($frt(uri) =~ "x" || $frt(uri) == "x") exit;\n}\n')

    def test_no_newline_at_the_end(self):
        new, _ = self.convert('request_route { ds_next_dst(); }')
        self.assertEqual(new, "request_route { frt_next(); }")

    def test_lua(self):
        new, _ = self.convert('''-- KSR.dispatcher.ds_next_dst()
--[[ KSR.dispatcher.ds_next_dst()
]]
local s = "KSR.dispatcher.ds_next_dst()"
if KSR.dispatcher.ds_select_dst(1, 4) < 0 then return 1 end
if KSR.dispatcher.ds_select_dst(n, "1") < 0 then return 1 end
KSR.dispatcher.ds_mark_dst_state("p");
if KSR.dispatcher.ds_select_routes("1=4;2=8", "0") > 0 then return 1 end
if ev == "dispatcher:dst-down" then KSR.info(KSR.pv.gete("$xavp(_dsdst_=>uri)")) end
''', name="k.lua")
        self.assertEqual(new, '''-- KSR.dispatcher.ds_next_dst()
--[[ KSR.dispatcher.ds_next_dst()
]]
local s = "KSR.dispatcher.ds_next_dst()"
if KSR.failover_route.frt_select("1") < 0 then return 1 end
if KSR.failover_route.frt_select_key(tostring(n), KSR.pv.gete("$fu")) < 0 then return 1 end
if (KSR.failover_route.frt_select("1") > 0 and 1 or KSR.failover_route.frt_select("2")) > 0 then return 1 end
if ev == "failover_route:dst-down" then KSR.info(KSR.pv.gete("$frt(uri)")) end
''')

    def test_python(self):
        new, _ = self.convert('''# KSR.dispatcher.ds_next_dst()
def route(msg):
    """ KSR.dispatcher.ds_next_dst() """
    if KSR.dispatcher.ds_select_domain(setid, 7) < 0:
        KSR.dispatcher.ds_mark_dst_state("p")
    return KSR.dispatcher.ds_is_from_list_mode(2, 3)
''', name="k.py")
        compile(new, "k.py", "exec")
        self.assertIn("KSR.failover_route.frt_select(str(setid)) < 0:\n        pass\n", new)
        self.assertIn('frt_is_from("2")', new)
        self.assertIn('""" KSR.dispatcher.ds_next_dst() """', new)

    def test_hostile_scripts(self):
        for text in (b"\0", b'"' * 999, b"$" + b"(" * 5000, b"ds_next_dst(" * 3000, b"if(" * 20000, b"{" * 9999 + b"}",
                     b"#!define A A\nds_select_dst(A, A);", b'#!substdef "!A!AA!g"\nds_select_dst("A", "A");',
                     b"#!ifdef X\n" * 500 + b"#!else\n#!endif\n" * 600, b'include_file "kamailio.cfg"\n',
                     b'failure_route[X] { if (t_check_status("(((")) ds_next_dst(); }',
                     b'failure_route[X] { if (t_check_status("' + b"+" * 150 + b'")) ds_next_dst(); }',
                     b'failure_route[X] { if (t_check_status("((((4{9}){9}){9}){99}){9}")) ds_next_dst(); }', b"route[" * 500,
                     b"modparam(\"dispatcher\", \"flags\"", b"/* ", b"event_route[dispatcher:dst-down]",
                     b"\xff\xfe\x80 ds_mark_dst(\"\xff\");", b"failure_route[A]{route(B);}route[B]{route(A);ds_next_dst();}"):
            for name in ("kamailio.cfg", "x.lua", "x.py"):
                self.file(name, text)
                self.assertIn(self.run_tool("convert", "kamailio", name).exit, (0, 1, 2))


class Lint(Script):
    def test_a_good_failure_route_has_none(self):
        self.assertEqual(self.lint('''failure_route[A] {
	if (t_is_canceled()) exit;
	if (t_check_status("5[0-9]{2}|408") || t_branch_timeout()) {
		if (ds_next_dst()) { t_on_failure("A"); route(RELAY); exit; }
	}
}
route[RELAY] { t_relay(); }
'''), [])

    def one(self, routes, word, line):
        found = self.lint(routes)
        self.assertEqual(len(found), 1, found)
        self.assertIn(word, found[0])
        self.assertTrue(found[0].startswith(f"{line}:"), found)

    def test_not_armed_again(self):
        self.one('failure_route[A] {\nif (t_is_canceled()) exit;\nif (t_check_status("503") && ds_next_dst())\nroute(R);\n}\n'
                 "route[R] { t_relay(); }", "not armed again", 4)

    def test_armed_in_the_route_it_calls(self):
        self.assertEqual(self.lint('failure_route[A] {\nif (t_is_canceled()) exit;\nif (t_check_status("503") && ds_next_dst())\nroute(R);\n}\n'
                                   'route[R] { t_on_failure("A"); t_relay(); }'), [])

    def test_failing_over_on_busy(self):
        self.one('failure_route[A] {\nif (t_is_canceled()) exit;\nif (t_check_status("[45][0-9][0-9]"))\n'
                 'if (ds_next_dst()) { t_on_failure("A"); t_relay(); }\n}\n', "486", 5)

    def test_failing_over_on_everything(self):
        self.one('failure_route[A] {\nif (t_is_canceled()) exit;\nif (ds_next_dst()) { t_on_failure("A"); t_relay(); }\n}\n',
                 "every final reply", 4)

    def test_an_early_exit_guards(self):
        self.assertEqual(self.lint('failure_route[A] {\nif (t_is_canceled()) exit;\nif (!t_check_status("5[0-9][0-9]")) exit;\n'
                                   'if (ds_next_dst()) { t_on_failure("A"); t_relay(); }\n}\n'), [])
        self.one('failure_route[A] {\nif (t_is_canceled()) exit;\nif (!t_check_status("4[0-9][0-9]")) exit;\n'
                 'if (ds_next_dst()) { t_on_failure("A"); t_relay(); }\n}\n', "401", 5)

    def test_cancelled(self):
        self.one('failure_route[A] {\nif (t_check_status("503") && ds_next_dst()) { t_on_failure("A"); t_relay(); }\n}\n',
                 "t_is_canceled", 2)

    def test_best_response_hidden(self):
        self.one('failure_route[A] {\nif (t_is_canceled()) exit;\nif (t_check_status("503")) {\n'
                 'if (ds_next_dst()) { t_on_failure("A"); t_relay(); exit; }\nt_reply("500", "x");\n}\n}\n', "hides the best", 6)

    def test_no_bound(self):
        self.one('failure_route[A] {\nif (t_is_canceled()) exit;\nif (t_check_status("503")) {\n'
                 'if (ds_select_dst("1", "4")) { t_on_failure("A"); t_relay(); exit; }\n}\n}\n', "selects anew", 5)
        self.assertEqual(self.lint('failure_route[A] {\nif (t_is_canceled()) exit;\nif (t_check_status("503")) {\n'
                                   '$avp(n) = $avp(n) + 1; if ($avp(n) > 3) exit;\n'
                                   'if (ds_select_dst("1", "4")) { t_on_failure("A"); t_relay(); exit; }\n}\n}\n'), [])

    def test_code_that_is_off_is_not_looked_at(self):
        self.assertEqual(self.lint('#!ifdef NEVER\nfailure_route[A] { ds_next_dst(); t_relay(); }\n#!endif\n'), [])
