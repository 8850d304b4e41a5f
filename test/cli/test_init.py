"""init: a first configuration, from arguments or questions on a terminal."""
import os
import pty
import select
import signal
import subprocess
import time

from tool import MODULE, ToolTest, tool


class Init(ToolTest):
    def check(self, text, code=0):
        self.file("made.xml", text)
        return self.run_tool("check", "made.xml", code=code)

    def test_arguments_make_a_canonical_file_that_is_good(self):
        ran = self.run_tool("init", "--set", "pool", "--strategy", "hash", "--try-timeout",
                            "900ms", "--destination", "a=192.0.2.1,1,70", "--destination",
                            "b=sip:gw.example:5070;transport=tcp,2", "--destination",
                            "c=2001:db8::1", code=0)
        self.assertIn("good: 1 set, 3 destinations", self.check(ran.out).out)
        self.assertEqual(self.run_tool("check", "--format", "made.xml").out, ran.out)
        for part in ('<set id="pool" strategy="hash" try-timeout="900ms">',
                     '<destination id="a" uri="sip:192.0.2.1" priority="1" weight="70"/>',
                     'id="b" uri="sip:gw.example:5070;transport=tcp" priority="2"',
                     'resolve="host"', 'id="c" uri="sip:[2001:db8::1]"'):
            self.assertIn(part, ran.out)
        self.assertIn('if (!frt_relay("pool"))', ran.err)

    def test_a_file_is_made_and_never_overwritten(self):
        path = self.folder / "frt.xml"
        args = ("init", "--destination", "a=192.0.2.1", "--output", path)
        ran = self.run_tool(*args, code=0)
        made = path.read_text()
        self.assertIn(f'modparam("failover_route", "config_file", "{path}")', ran.out)
        self.assertIn("it is there already", self.run_tool(*args, code=2).err)
        self.assertEqual(path.read_text(), made)
        link = self.folder / "dangling"
        link.symlink_to("elsewhere")
        self.run_tool(*args[:-1], link, code=2)
        self.assertFalse((self.folder / "elsewhere").exists())

    def test_the_lines_it_names_are_taken_by_kamailio(self):
        path = self.folder / 'f"r\\t.xml'
        cfg = self.run_tool("init", "--json", "--destination", "a=192.0.2.1", "--output",
                            path, "--set", 'q"b\\n$5$(', code=0).json["kamailio_cfg"]
        self.assertIn(r'frt_relay("q\"b\\n$$5$$(")', cfg)
        self.assertIn(r'f\"r\\t.xml")', cfg)
        head, line = cfg.rsplit("\n\n", 1)
        head = head.replace('"failover_route.so"', f'"{MODULE}"')
        self.file("kamailio.cfg", f'#!KAMAILIO\nlisten=udp:127.0.0.1:5060\nloadmodule "tm.so"\n'
                  f'loadmodule "sl.so"\n{head}\nrequest_route {{\n{line}}}\n')
        run = subprocess.run(["kamailio", "-c", "-f", str(self.folder / "kamailio.cfg")],
                             capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)

    def test_bad_arguments_are_told_in_the_words_of_the_module(self):
        ran = self.run_tool("init", "--destination", "a=192.0.2.1,70000", "--try-timeout", "4",
                            "--output", "no.xml", code=2)
        self.assertIn('priority="70000": expected a whole number', ran.err)
        self.assertIn('try-timeout="4": expected a duration', ran.err)
        self.assertFalse((self.folder / "no.xml").exists())
        self.assertIn("which destinations?", self.run_tool("init", code=2).err)
        told = self.run_tool("init", "--destination", "a=192.0.2.1", "--destination", "192.0.2.2", code=2).err
        self.assertIn("--destination 192.0.2.2: not ID=URI", told)
        self.assertIn("expected one of", self.run_tool("init", "--strategy", "x", code=2).err)
        many = [a for i in range(101) for a in ("--destination", f"d{i}=192.0.2.1:{i + 1}")]
        self.assertIn("more than 100", self.run_tool("init", *many, code=2).err)

    def test_texts_cannot_break_out_of_the_file(self):
        ran = self.run_tool("init", "--set", 'a"/><x>&', "--destination", "a=192.0.2.1", code=0)
        self.assertIn('<set id="a&quot;/>&lt;x>&amp;"', ran.out)
        self.check(ran.out)

    def converse(self, answers, *args):
        """Answers each question on a terminal; what was printed, and the exit code."""
        master, slave = pty.openpty()
        process = subprocess.Popen([tool(), "init", *args], stdin=slave, stderr=slave,
                                   stdout=subprocess.PIPE, cwd=self.folder)
        os.close(slave)
        shown, until = "", time.monotonic() + 60
        for question, answer in answers:
            while question not in shown:
                ready, _, _ = select.select([master], [], [], until - time.monotonic())
                if not ready:
                    process.send_signal(signal.SIGKILL)
                    self.fail(f"no question {question!r}: {shown}")
                shown += os.read(master, 4096).decode()
            shown = shown.split(question, 1)[1]
            os.write(master, (answer + "\n").encode())
        out = process.communicate(timeout=60)[0].decode()
        os.close(master)
        return process.returncode, out

    def test_questions_on_a_terminal(self):
        code, out = self.converse([
            ("Name of the set", "two words"), ("Name of the set", ""),
            ("Time for a gateway", "4"), ("Time for a gateway", "2s"),
            ("gateway 1", "not an address"), ("its name", "x"), ("its priority", "1"),
            ("gateway 1", "192.0.2.1"), ("its name", ""), ("its priority", ""),
            ("gateway 2", "192.0.2.2"), ("its name", "spare"), ("its priority", "7"),
            ("gateway 3", "")])
        self.assertEqual(code, 0)
        self.assertIn("good: 1 set, 2 destinations", self.check(out).out)
        self.assertIn('<set id="carriers" try-timeout="2s">', out)
        self.assertIn('id="gw1" uri="sip:192.0.2.1" priority="1"', out)
        self.assertIn('id="spare" uri="sip:192.0.2.2" priority="7"', out)

    def test_a_file_that_cannot_be_is_told_before_the_questions(self):
        self.file("plain", "")
        for path, why in (("none/frt.xml", "No such file"), ("plain/frt.xml", "Not a directory")):
            ran = self.run_tool("init", "--output", path, code=2)
            self.assertIn(f"{path}: {why}", ran.err)
            self.assertEqual(self.converse([], "--output", path), (2, ""))
        if os.getuid() != 0:
            (self.folder / "closed").mkdir(mode=0o500)
            self.assertIn("Permission denied",
                          self.run_tool("init", "--output", "closed/frt.xml", code=2).err)

    def test_no_destination_makes_no_file(self):
        code, out = self.converse([("Name", ""), ("Time", ""), ("gateway 1", "")],
                                  "--output", "no.xml")
        self.assertEqual((code, out), (2, ""))
        self.assertFalse((self.folder / "no.xml").exists())
