"""convert dispatcher: list files and tables, with dispatcher's own quirks."""
import sqlite3
import xml.etree.ElementTree as ET

from tool import ToolTest

CFG = '''#!define ALG "8"
listen=udp:192.0.2.9:5060 name "edge"
loadmodule "tm.so"
loadmodule "dispatcher.so"
modparam("tm", "fr_timer", 2500)
modparam("dispatcher", "flags", 2)
modparam("dispatcher", "ds_ping_interval", 10)
modparam("dispatcher|other", "ds_probing_mode", 1)
modparam("dispatcher", "ds_probing_threshold", 3)
modparam("dispatcher", "ds_inactive_threshold", 2)
#!ifdef NOT_DEFINED
modparam("dispatcher", "ds_ping_interval", 99)
#!endif
modparam("dispatcher", "ds_ping_reply_codes", "class=2;code=404;class=5")
request_route {
	if (!ds_select_dst("1", "9")) exit;
	/* ds_select_dst("2", "4") */
	ds_select_dst("2", ALG);
	# ds_select_dst("3", "8");
	ds_select_domain(3, "4");
	ds_select_dst("4", "15");
	ds_select_dst("5", "10", "2");
}
'''


class Convert(ToolTest):
    def convert(self, text, *options, name="ds.list", code=None, cfg=None):
        """The sets by id, the report by line, and the XML, which check takes."""
        self.file(name, text)
        if cfg:
            self.file("kamailio.cfg", cfg)
            options = ("--cfg", "kamailio.cfg", *options)
        ran = self.run_tool("convert", "--json", *options, "dispatcher", name)
        if code is not None:
            self.assertEqual(ran.exit, code, ran)
        if ran.exit == 2:
            return ran
        answer = ran.json
        path = self.file("result.xml", answer["xml"])
        self.run_tool("check", path, code=0)
        sets = {s.get("id"): s for s in ET.fromstring(answer["xml"].encode())}
        report = {}
        for item in answer["report"]:
            report.setdefault(item["line"], []).append(f'{item["verdict"]}: {item["text"]}')
        return sets, report

    def rows(self, s, *names):
        names = names or ("uri", "priority", "weight")
        return [tuple(d.get(n) for n in names) for d in s.iter("destination")]


class Quirks(Convert):
    """What dispatcher does with odd lines, reproduced and said."""

    def test_a_good_line_is_converted(self):
        sets, report = self.convert("1 sip:192.0.2.1:5060 0 5 duid=a;socket=udp:192.0.2.9:5060\n", code=0)
        self.assertEqual(self.rows(sets["1"], "id", "uri", "socket"),
                         [("a", "sip:192.0.2.1:5060", "udp:192.0.2.9:5060")])
        self.assertIn("converted", report[1][0])

    def test_passwords_are_dropped_wherever_they_are(self):
        cfg = 'loadmodule "dispatcher.so"\nmodparam("dispatcher", "ds_ping_interval", 10)\n'
        self.convert("1 sip:u:s3cret@192.0.2.1;transport=tcp 0 0 "
                     "duid=a;auth_password=s3cret;ping_from=sip:p:s3cret@x.y;PASS=s3cret;compass=north\n"
                     "1 sip:192.0.2.2;secret=s3cret;lr\n1 sip:192.0.2.3:5060\n", cfg=cfg, code=1)
        ran = self.run_tool("convert", "--cfg", "kamailio.cfg", "dispatcher", "ds.list", code=1)
        self.assertNotIn("s3cret", ran.out + ran.err)
        for kept in ('uri="sip:u@192.0.2.1;transport=tcp"', 'from="sip:p@x.y"', 'uri="sip:192.0.2.2;lr"',
                     'name="compass" value="north"', 'name="ping_from" value="sip:p@x.y"'):
            self.assertIn(kept, ran.out)
        self.assertIn("ds.list:1: dropped secret: auth_password is dropped\n", ran.err)
        self.assertIn("ds.list:1: dropped secret: PASS is dropped\n", ran.err)
        self.assertIn("ds.list:2: dropped secret: secret is dropped\n", ran.err)

    def test_0x10_is_flags_0_and_the_attribute_x10(self):
        sets, report = self.convert("1 sip:192.0.2.1 0x10 5 weight=10\n", code=1)
        self.assertEqual([a.attrib for a in sets["1"].iter("attribute")],
                         [{"name": "x10", "value": ""}])
        self.assertIn('dispatcher reads "0"', report[1][0])
        self.assertIn('ignores "5 weight=10"', report[1][1])

    def test_attributes_end_at_a_blank(self):
        _, report = self.convert("1 sip:192.0.2.1 0 5 weight=50 ;prefix=1 # words\n")
        self.assertIn('dispatcher ignores ";prefix=1 # words"', report[1][0])
        _, report = self.convert("1 sip:192.0.2.1 0 5 duid=50 # words\n", code=0)

    def test_weight_over_100_is_no_weight(self):
        sets, report = self.convert("1 sip:192.0.2.1 0 5 weight=150\n1 sip:192.0.2.2 0 9 weight=50\n")
        self.assertEqual(self.rows(sets["1"]), [("sip:192.0.2.2", "1", "50"), ("sip:192.0.2.1", "1", "50")])
        self.assertIn("weight=150 is not in 1..100", report[1][0])

    def test_a_number_ends_at_its_first_other_character(self):
        sets, _ = self.convert("1 sip:192.0.2.1 0 0 weight=60abc;weight=7\n1 sip:192.0.2.2 0 9 weight=40\n")
        self.assertEqual([r[2] for r in self.rows(sets["1"])], ["40", "60"])

    def test_names_of_attributes_in_any_case(self):
        sets, report = self.convert(
            "5 sip:192.0.2.1 0 9 DUID=a;duid=b;Socket=192.0.2.9;MAXLOAD=7;PING_FROM=sip:p@x.example;OBPROXY=sip:192.0.2.8\n"
            "5 sip:192.0.2.2 0 5 SockName=edge;CC=1;Latency=20;Compass=north;socket=tcp:1.2.3.4:1\n", cfg=CFG)
        self.assertEqual(self.rows(sets["5"], "id", "socket", "max-calls")[0], ("a", "udp:192.0.2.9:5060", "7"))
        self.assertEqual(self.rows(sets["5"], "socket")[1], ("udp:192.0.2.9:5060",))
        self.assertEqual([sets["5"].find("probe").get(n) for n in ("from", "outbound-proxy")],
                         ["sip:p@x.example", "sip:192.0.2.8"])
        self.assertEqual([(a.get("name"), a.get("value")) for a in sets["5"].iter("attribute")], [
            ("duid", "a"), ("ping_from", "sip:p@x.example"), ("obproxy", "sip:192.0.2.8"),
            ("cc", "1"), ("latency", "20"), ("Compass", "north")])
        self.assertEqual([w for t in report[2] for w in ("cc=1", "latency=20") if f"changed: {w} is kept" in t],
                         ["cc=1", "latency=20"])

    def test_the_first_of_two_names_counts_whatever_their_case(self):
        for one, other in (("weight", "WEIGHT"), ("Weight", "weight")):
            sets, _ = self.convert(f"1 sip:192.0.2.1 0 9 {one}=30;{other}=40\n1 sip:192.0.2.2 0 5 weight=70\n", cfg=CFG)
            self.assertEqual([r[2] for r in self.rows(sets["1"])], ["30", "70"])
            self.assertEqual([a.attrib for a in sets["1"].iter("attribute")], [])

    def test_quotes_are_taken_off_and_junk_drops_the_line_as_dispatcher_does(self):
        sets, report = self.convert('1 sip:192.0.2.1 0 0 duid="x"\n1 sip:192.0.2.2 0 0 duid="x"y\n'
                                    '1 sip:192.0.2.3 0 0 duid="x\n1 sip:192.0.2.4 0 0 a=;b=1\n')
        self.assertEqual(self.rows(sets["1"], "id"), [("x",)])
        self.assertIn("something stands behind a value", report[2][0])
        self.assertIn("a quote is not closed", report[3][0])
        self.assertIn("a value is missing", report[4][0])

    def test_the_same_uri_twice_is_joined(self):
        sets, report = self.convert("1 sip:192.0.2.1\n1 sip:192.0.2.1\n1 sip:192.0.2.2\n")
        self.assertEqual(self.rows(sets["1"]), [("sip:192.0.2.2", "1", "1"), ("sip:192.0.2.1", "1", "2")])
        self.assertIn("the same URI as line 2", report[1][0])

    def test_a_uri_without_a_scheme_gets_sip(self):
        sets, report = self.convert("1 192.0.2.1:5080\n")
        self.assertEqual(self.rows(sets["1"], "uri"), [("sip:192.0.2.1:5080",)])
        self.assertIn("has no scheme", report[1][0])

    def test_a_line_without_uri_refuses_the_file(self):
        _, report = self.convert("1 sip:192.0.2.1\n2\n")
        self.assertIn("unsupported: no URI: dispatcher refuses the whole file", report[2][0])

    def test_a_line_over_1023_bytes_is_read_in_two(self):
        _, report = self.convert("1 sip:192.0.2.1 0 0 a=" + "x" * 1100 + "\n")
        self.assertTrue(any("longer than 1023 bytes" in t for t in report[1]))

    def test_hostile_bytes_come_out_as_text(self):
        for text in (b"\0\xff\xfe", b"1 sip:\xff 0 0 \x01=\x02\n1 sip:192.0.2.1 0 0 a=\xff\x1b[31m\n",
                     b"99999999999999999999 sip:192.0.2.1 99999999999 99999999999 weight=99999999999\n",
                     b"1 sip:192.0.2.1 0 0 " + b"a=b;" * 400, b"1 sip:" + b"h" * 900, b"\n" * 5000):
            self.file("bad.list", text)
            ran = self.run_tool("convert", "dispatcher", "bad.list")
            self.assertIn(ran.exit, (0, 1, 2))
            self.assertNotIn("\x1b", ran.err + ran.out)


class Meaning(Convert):
    """Algorithms, priorities, weights, pings."""

    def test_algorithm_8_higher_priority_first_last_line_first(self):
        sets, report = self.convert("2 sip:192.0.2.1 0 5\n2 sip:192.0.2.2 0 20\n2 sip:192.0.2.3 0 5\n", cfg=CFG)
        self.assertEqual(sets["2"].get("strategy"), "ordered")
        self.assertEqual(self.rows(sets["2"], "uri", "priority"),
                         [("sip:192.0.2.2", "1"), ("sip:192.0.2.3", "2"), ("sip:192.0.2.1", "2")])
        self.assertTrue(any("the higher priority first" in t for t in report[None]))

    def test_algorithm_15_lower_priority_first(self):
        sets, report = self.convert("4 sip:192.0.2.1 0 5 weight=30\n4 sip:192.0.2.2 0 20 weight=10\n", cfg=CFG)
        self.assertEqual(sorted(self.rows(sets["4"])),
                         [("sip:192.0.2.1", "5", "30"), ("sip:192.0.2.2", "20", "10")])
        self.assertTrue(any("the lower priority is first" in t for t in report[None]))

    def test_weights_fill_100_slots(self):
        sets, _ = self.convert("1 sip:192.0.2.1 0 1 weight=70\n1 sip:192.0.2.2 0 2 weight=70\n"
                               "1 sip:192.0.2.3 0 0 weight=10\n", cfg=CFG)
        self.assertEqual(self.rows(sets["1"]), [
            ("sip:192.0.2.2", "1", "70"), ("sip:192.0.2.1", "1", "30"), ("sip:192.0.2.3", "2", "1")])

    def test_relative_weights_are_kept(self):
        sets, _ = self.convert("1 sip:192.0.2.1 0 0 rweight=50\n1 sip:192.0.2.2 0 0 rweight=100\n",
                               "--algorithm", "11")
        self.assertEqual(sorted(r[2] for r in self.rows(sets["1"])), ["100", "50"])

    def test_maxload_is_max_calls_with_algorithm_10_and_the_limit_max_attempts(self):
        sets, _ = self.convert("".join(f"5 sip:192.0.2.{i} 0 0 maxload=7\n" for i in range(1, 5)), cfg=CFG)
        self.assertEqual(sets["5"].get("strategy"), "least-calls")
        self.assertEqual(sets["5"].get("max-attempts"), "2")
        self.assertEqual({r[0] for r in self.rows(sets["5"], "max-calls")}, {"7"})

    def limits(self, script):
        """max-attempts of the sets 1, 2, 3 and 9, of three destinations each, and the report of the cfg's lines."""
        text = "".join(f"{s} sip:192.0.2.{i}\n" for s in (1, 2, 3, 9) for i in (1, 2, 3))
        self.file("kamailio.cfg", script)
        self.file("ds.list", text)
        answer = self.run_tool("convert", "--json", "--cfg", "kamailio.cfg", "dispatcher", "ds.list").json
        sets = ET.fromstring(answer["xml"].encode())
        return ([s.get("max-attempts") for s in sets.iter("set")],
                [f'{i["line"]}: {i["verdict"]}: {i["text"]}' for i in answer["report"]
                 if i["file"] == "kamailio.cfg" and "limit" in i["text"]])

    def test_a_limit_is_of_its_set_only(self):
        self.assertEqual(self.limits('ds_select_dst("1","4"); ds_select_dst("2","4","1"); ds_select_dst("9","9");'),
                         (["3", "1", "3", "3"], []))
        self.assertEqual(self.limits('ds_select_dst("2","4","1"); ds_select_dst("$var(x)","4","2");'),
                         (["2", "1", "2", "2"], []))
        self.assertEqual(self.limits('ds_select_routes("1=4;3=8","0","2"); ds_select_routes("2=4","0");'),
                         (["2", "3", "2", "3"], []))
        self.assertEqual(self.limits('ds_select_routes("$var(x)","0","2"); ds_select_domain(9,4,1);'),
                         (["2", "2", "2", "1"], []))

    def test_the_largest_limit_of_a_set_counts_and_none_is_larger(self):
        one = "a set of the module has one max-attempts, that"
        self.assertEqual(
            self.limits('ds_select_dst("1","4","1");\nds_select_dst("1","4","2");\nds_select_dst("1","4","2");\n'
                        'ds_select_dst("2","4","1");\nds_select_dst("2","4");\nds_select_dst("2","4","2");\n'
                        'ds_select_dst("3","4","0");\nds_select_dst("3","4");\n'),
            (["2", "3", "3", "3"],
             [f"2: changed: set 1 is used with limit 2 here, and with limit 1 before: {one} with limit 2",
              f"5: changed: set 2 is used without a limit here, and with limit 1 before: {one} without a limit",
              f"6: changed: set 2 is used with limit 2 here, and without a limit before: {one} without a limit"]))

    def test_a_limit_of_run_time_is_none(self):
        attempts, report = self.limits('ds_select_dst("1","4","$var(n)");\n')
        self.assertEqual(attempts, ["3", "3", "3", "3"])
        self.assertEqual(report, ["1: note: the limit is known at run time only: max-attempts is as without one"])

    def test_pings_and_thresholds_come_from_the_cfg(self):
        sets, _ = self.convert("1 sip:192.0.2.1 0 0 weight=100;ping_from=sip:p@x.example\n", cfg=CFG)
        self.assertEqual(sets["1"].find("probe").attrib, {
            "interval": "10s", "down-interval": "10s", "rise": "2", "fall": "3", "ok": "2xx 404 5xx", "not-ok": "none",
            "from": "sip:p@x.example"})
        self.assertEqual(sets["1"].find("health").get("fall"), "3")
        self.assertEqual(sets["1"].get("try-timeout"), "2500ms")

    def test_only_who_may_go_on_elsewhere_has_no_panic(self):
        one, two = "1 sip:192.0.2.1\n", "1 sip:192.0.2.1\n2 sip:192.0.2.2\n"
        cfg = 'loadmodule "dispatcher.so"\nrequest_route {\n%s}\n'
        for text, script, panic in (
                (one, None, None), (two, None, "off"), (two, 'ds_select_dst("1", "4");\n', None),
                (one, 'ds_select_dst("1", "4");\nds_select_dst("2", "4");\n', "off"), (two, "", "off"),
                (one, 'ds_select_dst("$var(s)", "4");\n', "off"), (one, 'ds_select_routes("1=4;2=4", "0");\n', "off")):
            sets, _ = self.convert(text, cfg=cfg % script if script is not None else None)
            self.assertEqual({s.get("panic") for s in sets.values()}, {panic}, script)

    def test_the_lower_priority_waits_until_all_of_the_higher_are_down(self):
        sets, _ = self.convert("1 sip:192.0.2.1 0 9\n1 sip:192.0.2.2 0 9\n1 sip:192.0.2.3 0 5\n2 sip:192.0.2.4\n",
                               "--algorithm", "8")
        self.assertEqual([s.get("spill") for s in sets.values()], ["off", None])

    def test_what_mysql_prints_is_a_table(self):
        sets, _ = self.convert("id\tsetid\tdestination\tflags\tpriority\tattrs\tdescription\n"
                               "1\t1\tsip:192.0.2.1\t0\t10\tduid=a;weight=60\tone, or so\n"
                               "2\t2\tsip:192.0.2.2\t0\t10\tNULL\t\n", name="ds.tsv")
        self.assertEqual(self.rows(sets["1"], "id", "uri", "weight"), [("a", "sip:192.0.2.1", "100")])
        self.assertEqual([a.attrib for s in sets.values() for a in s.iter("attribute")],
                         [{"name": "duid", "value": "a"}])

    def test_whose_pings_become_those_of_another_is_told(self):
        cfg = 'modparam("dispatcher", "ds_ping_interval", 10)\nmodparam("dispatcher", "ds_probing_mode", 1)\n'
        sets, report = self.convert("1 sip:192.0.2.1 0 0 obproxy=sip:192.0.2.9\n1 sip:192.0.2.2\n"
                                    "1 sip:192.0.2.3 0 0 obproxy=sip:192.0.2.8\n", cfg=cfg, code=1)
        self.assertEqual(sets["1"].find("probe").get("outbound-proxy"), "sip:192.0.2.8")
        one = "changed: %s: probes of a set have one outbound-proxy, sip:192.0.2.8"
        self.assertEqual([[t for t in report.get(n, []) if "probes of a set" in t] for n in (1, 2, 3)],
                         [[one % "obproxy=sip:192.0.2.9"], [one % "no obproxy"], []])

    def test_no_ping_interval_no_probes(self):
        sets, _ = self.convert("1 sip:192.0.2.1\n", cfg='request_route { ds_select_dst("1", "4"); }')
        self.assertEqual(sets["1"].find("probe").attrib, {"enabled": "no"})

    def test_define_reaches_the_ifdef(self):
        sets, _ = self.convert("1 sip:192.0.2.1 0 0 weight=100\n", "--define", "NOT_DEFINED", cfg=CFG)
        self.assertEqual(sets["1"].find("probe").get("interval"), "99s")

    def test_select_domain_rewrites_the_r_uri(self):
        sets, _ = self.convert("3 sip:192.0.2.1\n2 sip:192.0.2.2\n", cfg=CFG)
        self.assertEqual(sets["3"].get("rewrite"), "ruri")
        self.assertIsNone(sets["2"].get("rewrite"))

    def test_disabled_is_maint_and_inactive_begins_up(self):
        sets, report = self.convert("1 sip:192.0.2.1 4 0 weight=50\n1 sip:192.0.2.2 1 0 weight=50\n", cfg=CFG)
        self.assertEqual(sorted(self.rows(sets["1"], "uri", "admin")),
                         [("sip:192.0.2.1", "maint"), ("sip:192.0.2.2", None)])
        self.assertIn("it is disabled or inactive: dispatcher gives its 50 of 100 calls to the next", report[1][0])
        self.assertIn("it begins up", report[2][0])

    def test_sockets_are_completed_and_found_by_name(self):
        sets, _ = self.convert("1 sip:192.0.2.1 0 0 socket=192.0.2.9\n1 sip:192.0.2.2;transport=tcp 0 0 socket=192.0.2.9:5070\n"
                               "1 sip:192.0.2.3 0 0 sockname=edge;socket=tcp:1.2.3.4:1\n", cfg=CFG)
        self.assertEqual([r[1] for r in sorted(self.rows(sets["1"], "uri", "socket"))],
                         ["udp:192.0.2.9:5060", "tcp:192.0.2.9:5070", "udp:192.0.2.9:5060"])

    def test_a_set_can_be_named(self):
        sets, _ = self.convert("7 sip:192.0.2.1\n", "--name", "7=carriers", code=0)
        self.assertEqual(sets["carriers"].get("number"), "7")

    def test_a_host_name_is_resolved_beforehand(self):
        sets, _ = self.convert("1 sip:gw.example.net:5060\n")
        self.assertEqual(self.rows(sets["1"], "resolve"), [("host",)])

    def test_nothing_to_convert_exits_2(self):
        self.assertIn("nothing was found", self.convert("# empty\n", code=2).err)


class Tables(Convert):
    ROWS = [(1, "sip:192.0.2.1:5060", 0, 10, "weight=30;duid=a"), (1, "sip:192.0.2.2:5060", 0, 5, "weight=70")]

    def check_rows(self, answer):
        sets, _ = answer
        self.assertEqual(self.rows(sets["1"]), [("sip:192.0.2.1:5060", "1", "30"), ("sip:192.0.2.2:5060", "1", "70")])

    def test_csv(self):
        text = "id,setid,destination,flags,priority,attrs,description\n" + "".join(
            f'{i},{s},"{u}",{f},{p},"{a}","one, or\ntwo"\n' for i, (s, u, f, p, a) in enumerate(self.ROWS))
        self.check_rows(self.convert(text, name="ds.csv"))

    def test_csv_quotes_within_quotes(self):
        sets, _ = self.convert('setid,destination,attrs\n1,sip:192.0.2.1,"a=""x,y"";b=1"\n', name="ds.csv")
        self.assertEqual([a.get("value") for a in sets["1"].iter("attribute")], ["x,y", "1"])

    def test_db_text(self):
        text = ("id(int,auto) setid(int) destination(string) flags(int) priority(int) attrs(string,null)\n"
                + "".join(f"{i}:{s}:{u.replace(':', chr(92) + ':')}:{f}:{p}:{a}\n"
                          for i, (s, u, f, p, a) in enumerate(self.ROWS)))
        self.check_rows(self.convert(text, name="dispatcher"))

    def test_sqlite_is_read_only(self):
        path = self.folder / "k.db"
        db = sqlite3.connect(path)
        db.execute("CREATE TABLE gws (id INTEGER, setid INT, dst TEXT, flags INT, priority INT, attrs TEXT)")
        db.executemany("INSERT INTO gws (setid, dst, flags, priority, attrs) VALUES (?,?,?,?,?)", self.ROWS)
        db.commit()
        db.close()
        before = path.read_bytes()
        self.check_rows(self.convert(before, "--table", "gws", name="k.db",
                                     cfg=CFG + 'modparam("dispatcher", "destination_col", "dst")\n'))
        self.assertEqual((self.folder / "k.db").read_bytes(), before)
        self.file("k.db", before[:2000])
        self.run_tool("convert", "dispatcher", "k.db", code=2)

    def test_hostile_tables(self):
        for text in (b"setid(int) destination(string)\0\v\n1:\0\n", b"setid(int) destination(str", b"setid,destination\n,\n1,\"",
                     b"setid(int) destination(string)\n" + b"\\", b"setid,destination" + b"," * 5000 + b"\n1,sip:a\n",
                     b"SQLite format 3\0" + b"\xff" * 200):
            self.file("t", text)
            self.assertIn(self.run_tool("convert", "dispatcher", "t").exit, (0, 1, 2))

    def test_another_table_is_refused(self):
        self.file("x.csv", "a,b\n1,2\n")
        self.assertIn("not a table of dispatcher", self.run_tool("convert", "dispatcher", "x.csv", code=2).err)


class Output(Convert):
    def test_dry_run_by_default_and_never_over_a_file(self):
        source = self.file("ds.list", "1 sip:192.0.2.1\n")
        before = sorted(p.name for p in self.folder.iterdir())
        first = self.run_tool("convert", "dispatcher", "ds.list", code=0)
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), before)
        self.run_tool("convert", "dispatcher", "--output", "new.xml", "ds.list", code=0)
        self.assertEqual((self.folder / "new.xml").read_text(), first.out)
        self.run_tool("convert", "dispatcher", "--output", "new.xml", "ds.list", code=0)  # the same again
        self.run_tool("convert", "dispatcher", "--output", "ds.list", "ds.list", code=2)
        self.assertEqual(source.read_text(), "1 sip:192.0.2.1\n")

    def test_many_rows_in_reasonable_time(self):
        text = "".join(f"{i % 50 + 1} sip:10.{i >> 16}.{i >> 8 & 255}.{i & 255} 0 {i % 7} duid=d\n" for i in range(20000))
        self.file("big.list", text)
        ran = self.run_tool("convert", "--json", "dispatcher", "big.list", limit=300)
        self.assertEqual(ran.json["xml"].count("<destination "), 20000)
