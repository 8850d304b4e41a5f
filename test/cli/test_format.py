"""check --format: one layout for what a file says, and nothing is lost."""
import os
import random
import re
import shutil
import stat
import subprocess
import unittest

from tool import GOOD, ROOT, ToolTest, config, tool

CANONICAL = '''<?xml version="1.0" encoding="UTF-8"?>
<?xml-model href="failover_route.rng"?>
<!-- head -->

<failover-route version="1">

  <!-- the
     first -->
  <set id="a" strategy="hash" max-attempts="2" deadline="10s" try-timeout="2s"
       shadow="yes"> <!-- of the night -->
    <probe interval="10s"/>
    <destination id="x" uri="sip:192.0.2.1" weight="2"/> <!-- the old one -->

    <destination id="y" uri="sip:192.0.2.2">
      <attribute name="n" value="&lt;&amp;&quot;'>"/>
    </destination>
    <!-- last -->
  </set>
  <xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="more.xml"/>
</failover-route>
<!-- tail -->
'''


class Format(ToolTest):
    def setUp(self):
        super().setUp()
        self.more = self.file("more.xml", config(
            '<set id="m"><destination uri="sip:192.0.2.9" id="x"/></set>'))

    def format(self, text, code=0):
        self.file("frt.xml", text)
        return self.run_tool("check", "--format", "frt.xml", code=code)

    def test_a_canonical_file_stays_as_it_is(self):
        ran = self.format(CANONICAL)
        self.assertEqual(ran.out, CANONICAL)
        self.assertEqual(ran.err, "")

    def mangle(self, text, rng):
        """The same in another layout: order of attributes, blanks, quotes."""
        def tag(m):
            name, inside, end = m.group(1), m.group(2), m.group(3)
            attributes = re.findall(r'[\w:-]+="[^"]*"', inside)
            rng.shuffle(attributes)
            out = "<" + name
            for a in attributes:
                key, value = a.split("=", 1)
                if rng.random() < .4 and "'" not in value:
                    value = "'" + value[1:-1] + "'"
                out += rng.choice([" ", "\n", "\t ", "  \r\n"]) + key + rng.choice(
                    ["=", " = "]) + value
            return out + rng.choice(["", " ", "\n"]) + end
        parts = re.split(r"(<!--.*?-->|<\?.*?\?>)", text, flags=re.S)
        for i in range(0, len(parts), 2):
            parts[i] = re.sub(r"<([\w:-]+)((?:\s+[\w:-]+=\"[^\"]*\")*)(/?>)", tag, parts[i])
            # blank lines stay some, one end of line stays one, none stays none
            parts[i] = re.sub(r"(?<=>)\n\n *(?=<)|\n\n *$", lambda m: rng.choice(
                ["\n\n", "\n \t\n\n\n", "\r\n\r\n"]), parts[i])
            parts[i] = re.sub(r"(?<=>)\n *(?=<)", lambda m: rng.choice(
                ["\n", "\r\n   ", "\n\t"]), parts[i])
        return "".join(parts)

    def test_the_layout_it_came_in_does_not_matter(self):
        for seed in range(30):
            with self.subTest(seed):
                text = self.mangle(CANONICAL, random.Random(seed))
                self.assertNotEqual(text, CANONICAL)
                self.assertEqual(self.format(text).out, CANONICAL)

    def test_everything_on_one_line_is_spread(self):
        ran = self.format('<failover-route version="1"><set id="a"><destination uri='
                          '"sip:192.0.2.1" id="x">\n \n</destination></set><!--e-->'
                          '</failover-route>')
        self.assertEqual(ran.out, '''<?xml version="1.0" encoding="UTF-8"?>
<failover-route version="1">
  <set id="a">
    <destination id="x" uri="sip:192.0.2.1"/>
  </set> <!--e-->
</failover-route>
''')

    def test_other_encodings_become_utf8(self):
        text = '<?xml version="1.0" encoding="{}"?>\n' + config(
            '<set id="Köln"><destination id="x" uri="sip:192.0.2.1"/></set>')
        for encoding in ("ISO-8859-1", "UTF-8"):
            out = self.format(text.format(encoding).encode(encoding)).out
            self.assertIn('<set id="Köln">', out)
            self.assertTrue(out.startswith('<?xml version="1.0" encoding="UTF-8"?>\n'))

    def test_the_sample_and_what_it_says_stay(self):
        sample = ROOT / "etc/failover_route.xml"
        out = self.run_tool("check", "--format", sample, code=0).out
        before = re.findall(r'<!--.*?-->|[\w-]+="[^"]*"', sample.read_text(), re.S)
        after = re.findall(r'<!--.*?-->|[\w-]+="[^"]*"', out, re.S)
        self.assertEqual(sorted(before), sorted(after))
        self.assertEqual(self.format(out).out, out)
        self.assertLessEqual(max(len(l) for l in re.sub(
            r"<!--.*?-->", "", out, flags=re.S).split("\n")), 80)

    def test_a_file_with_an_error_is_not_formatted(self):
        text = GOOD.replace("<set id", '<set strateg="hash" id')
        ran = self.format(text, code=1)
        self.assertIn("frt.xml:2: error:", ran.err)
        self.assertEqual(ran.out, "")
        self.run_tool("check", "--format", "--in-place", "frt.xml", code=1)
        self.assertEqual((self.folder / "frt.xml").read_text(), text)

    def test_warnings_go_to_standard_error_and_are_no_reason_for_1(self):
        ran = self.format(config('<set id="a"><destination id="x" uri="sip:192.0.2.1"/>'
                                 '<destination id="y" uri="sip:192.0.2.1"/></set>'))
        self.assertIn("warning", ran.err)
        self.assertTrue(ran.out.startswith("<?xml"))

    def test_in_place_writes_once_and_keeps_mode_and_link(self):
        path = self.file("sub/frt.xml", GOOD)
        path.chmod(0o640)
        if os.geteuid() == 0:
            os.chown(path, 12, 34)
        link = self.folder / "link.xml"
        link.symlink_to("sub/frt.xml")
        other = self.file("open.xml", GOOD)
        with open(path, encoding="utf-8") as opened:
            ran = self.run_tool("check", "--format", "--in-place", link, other, code=0)
            self.assertEqual(opened.read(), GOOD)  # who had it open has the old one
        self.assertEqual(ran.out, f"{link}: rewritten\n{other}: rewritten\n")
        self.assertTrue(link.is_symlink())
        now = path.stat()
        self.assertEqual(stat.S_IMODE(now.st_mode), 0o640)
        if os.geteuid() == 0:
            self.assertEqual((now.st_uid, now.st_gid), (12, 34))
        self.assertEqual(path.read_text(), self.run_tool("check", "--format", path).out)
        self.assertEqual([p.name for p in path.parent.iterdir()], ["frt.xml"])
        ran = self.run_tool("check", "--format", "--in-place", path, code=0)
        self.assertEqual(ran.out, f"{path}: is canonical already\n")
        self.assertEqual((path.stat().st_mtime_ns, path.stat().st_ino),
                         (now.st_mtime_ns, now.st_ino))

    @unittest.skipIf(os.geteuid() != 0, "needs another user")
    def test_in_place_is_refused_where_the_owner_cannot_stay(self):
        path = self.file("frt.xml", GOOD)
        self.folder.chmod(0o777)
        run = subprocess.run(
            ["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups",
             self.copy_of_tool(), "check", "--format", "--in-place", str(path)],
            capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 2, run)
        self.assertIn("its owner and group cannot be kept", run.stderr)
        self.assertEqual(path.read_text(), GOOD)
        self.assertEqual(len(list(self.folder.iterdir())), 3)

    def copy_of_tool(self):
        """Where any user can run it."""
        path = self.folder / "tool"
        shutil.copy(tool(), path)
        path.chmod(0o755)
        return str(path)

    def test_arguments_that_make_no_sense(self):
        self.assertIn("is for --format",
                      self.run_tool("check", "--in-place", self.more, code=2).err)
        self.assertIn("one file at a time", self.run_tool(
            "check", "--format", self.more, self.more, code=2).err)
        self.run_tool("check", "--format", "none.xml", code=2)

    def test_json_has_the_text_or_what_was_written(self):
        self.file("frt.xml", GOOD)
        one = self.run_tool("check", "--format", "--json", "frt.xml", code=0).json["files"][0]
        self.assertEqual((one["changed"], one["written"]), (True, False))
        self.assertIn('<set id="a">', one["text"])
        for written in (True, False):
            two = self.run_tool("check", "--format", "--json", "--in-place", "frt.xml",
                                code=0).json["files"][0]
            self.assertEqual((two["changed"], two["written"]), (written, written))
        self.assertEqual((self.folder / "frt.xml").read_text(), one["text"])
