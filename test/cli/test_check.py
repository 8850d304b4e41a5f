"""check: all that is wrong with files, as text and as JSON."""
from tool import GOOD, ToolTest, config

BAD = config('''  <set id="a" strateg="hash" try-timeout="4">
    <destination id="x" uri="sip:192.0.2.1" weight="70000"/>
    <destination id="y" uri="sip:192.0.2.1"/>
  </set>''')


class Check(ToolTest):
    def test_a_good_file_exits_0(self):
        path = self.file("good.xml", GOOD)
        self.assertEqual(self.run_tool("check", path, code=0).out,
                         f"{path}: good: 1 set, 1 destination\n")

    def test_all_faults_are_told_at_once_by_line(self):
        self.file("bad.xml", BAD)
        lines = self.run_tool("check", "bad.xml", code=1).out.split("\n")
        self.assertRegex(lines[0], r"^bad.xml:2: error: .*strateg")
        self.assertRegex(lines[1], r'^bad.xml:2: error: .*try-timeout="4": expected a duration')
        self.assertRegex(lines[2], r'^bad.xml:3: error: .*weight="70000"')
        self.assertRegex(lines[3], r"^bad.xml:4: warning: .*")
        self.assertEqual(lines[4], "bad.xml: 3 errors, 1 warning")

    def test_faults_are_in_the_order_of_lines_whenever_they_were_found(self):
        self.file("bad.xml", config('''  <set id="a" try-timeout-min="9s" try-timeout="2s">
    <destination id="x" uri="sip:192.0.2.1" weight="70000"/>
  </set>
  <set id="b" hold="4"/>'''))
        lines = self.run_tool("check", "bad.xml", code=1).out.split("\n")
        self.assertEqual([l.split(":")[1] for l in lines if ": error: " in l],
                         sorted(l.split(":")[1] for l in lines if ": error: " in l))
        self.assertIn("is longer than", lines[0])

    def test_warnings_alone_exit_1(self):
        self.file("warn.xml", config('''  <set id="a">
    <destination id="x" uri="sip:192.0.2.1"/>
    <destination id="y" uri="sip:192.0.2.1"/>
  </set>'''))
        self.assertIn("1 warning", self.run_tool("check", "warn.xml", code=1).out)

    def test_a_file_that_cannot_be_read_exits_2_and_the_others_are_checked(self):
        good = self.file("good.xml", GOOD)
        ran = self.run_tool("check", "none.xml", self.folder, good, code=2)
        self.assertIn("none.xml: No such file", ran.err)
        self.assertIn("not a regular file", ran.err)
        self.assertIn("good: 1 set", ran.out)

    def test_an_include_that_cannot_be_read_is_a_finding(self):
        self.file("main.xml", config(
            '  <xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="no.xml"/>'))
        self.assertRegex(self.run_tool("check", "main.xml", code=1).out,
                         r"main.xml:2: error: <xi:include.*No such file")

    def test_a_fault_of_an_included_file_is_told_with_that_file(self):
        self.file("main.xml", config(
            '  <xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="sub/more.xml"/>'))
        self.file("sub/more.xml", BAD)
        self.assertIn("sub/more.xml:3: error:",
                      self.run_tool("check", "main.xml", code=1).out)

    def test_more_than_fifty_faults_are_all_told(self):
        self.file("many.xml", config("  <set id='a'>\n" + "".join(
            f"    <destination id='d{i}' uri='sip:192.0.2.1:{i + 1}' weight='x'/>\n"
            for i in range(300)) + "  </set>"))
        out = self.run_tool("check", "many.xml", code=1).out
        self.assertEqual(out.count(": error: "), 300)
        self.assertIn("many.xml: 300 errors", out)

    def test_a_name_is_no_command_to_the_terminal(self):
        name = "a\x1b[2J\n\x9b.xml"
        self.file(name, BAD)
        ran = self.run_tool("check", name, "no\x1b]0;x\x07.xml", code=2)
        self.assertIn("a?[2J???.xml:2: error: ", ran.out)
        self.assertIn("a?[2J???.xml: 3 errors, 1 warning\n", ran.out)
        self.assertIn("no?]0;x?.xml: No such file", ran.err)
        self.file(name, GOOD)
        self.assertEqual(self.run_tool("check", name, code=0).out,
                         "a?[2J???.xml: good: 1 set, 1 destination\n")
        self.assertEqual(self.run_tool("check", "--format", "--in-place", name, code=0).out[:13],
                         "a?[2J???.xml:")
        self.assertEqual(self.run_tool("check", "--json", name).json["files"][0]["file"], name)

    def test_json_has_the_same(self):
        good, bad = self.file("good.xml", GOOD), self.file("bad.xml", BAD)
        ran = self.run_tool("check", "--json", bad, good, "none.xml", code=2)
        self.assertEqual((ran.json["command"], ran.json["exit"]), ("check", 2))
        first, second, third = ran.json["files"]
        self.assertEqual((first["file"], first["errors"], first["warnings"]), (str(bad), 3, 1))
        self.assertEqual([(f["level"], f["line"]) for f in first["findings"]],
                         [("error", 2), ("error", 2), ("error", 3), ("warning", 4)])
        self.assertEqual((second["sets"], second["destinations"], second["findings"]), (1, 1, []))
        self.assertEqual(third["could_not"], "No such file or directory")

    def test_a_name_that_is_no_utf8_does_not_break_json(self):
        path = self.file("caf\udce9.xml", GOOD)
        ran = self.run_tool("check", "--json", path, code=0)
        self.assertTrue(ran.json["files"][0]["file"].endswith("caf?.xml"))
