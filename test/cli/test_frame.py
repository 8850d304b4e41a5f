"""What all commands have in common: help, arguments, exit codes, completion."""
import os
import pty
import re
import shutil
import socket
import subprocess
import termios
import unittest
from pathlib import Path

from tool import GOOD, ROOT, ToolTest, tool


class Frame(ToolTest):
    def commands(self):
        """The commands, as the help lists them."""
        lines = self.run_tool("--help", code=0).out.split("\n")
        return [l.split()[0] for l in lines if l.startswith("  ")]

    def test_every_command_has_a_help_with_an_example(self):
        self.assertIn("check", self.commands())
        for command in self.commands():
            with self.subTest(command):
                out = self.run_tool(command, "--help", code=0).out
                self.assertTrue(out.startswith(f"failover-route {command}"))
                for part in ("Options:", "--json", "Examples:", "Exit codes:"):
                    self.assertIn(part, out)
                self.assertEqual(self.run_tool("help", command, code=0).out, out)
                for line in out.split("\n"):
                    self.assertLessEqual(len(line), 100, line)

    def test_bad_arguments_are_told_and_exit_2(self):
        for args, said in (
                ((), "which command?"),
                (("chek",), "did you mean check?"),
                (("zzzzzz",), "no such command: zzzzzz"),
                (("help", "zzzzzz"), "no such command: zzzzzz"),
                (("check",), "which file?"),
                (("check", "--jsn", "x"), "did you mean --json?"),
                (("check", "-x", "x"), "no such option: -x"),
                (("check", "--json=1", "x"), "--json takes no value"),
                (("completion", "tcsh"), "bash, zsh and fish")):
            with self.subTest(args):
                ran = self.run_tool(*args, code=2)
                self.assertIn(said, ran.err)
                self.assertIn("Try: failover-route", ran.err)
                self.assertEqual(ran.out, "")

    def test_a_program_is_told_in_json_why_a_command_could_not_run(self):
        good = self.file("good.xml", GOOD)
        for args, said in (
                (("check",), "which file?"),
                (("check", "--jsno"), "did you mean --json?"),
                (("convert", "dispatcher", "none"), "No such file"),
                (("convert", "freeswitch", good), "nothing was found"),
                (("doctor", "--config", "none"), "No such file"),
                (("init",), "which destinations?"),
                (("top", "--at", self.folder / "none"), "No such file"),
                (("simulate", "none"), "No such file"),
                (("simulate", "--rate", "x", good), "--rate"),
                (("replay", good, "none"), "No such file"),
                (("completion", "tcsh"), "which shell?")):
            with self.subTest(args):
                ran = self.run_tool(*args, "--json", code=2)
                self.assertEqual((ran.json["command"], ran.json["exit"]), (args[0], 2))
                self.assertIn(said, " ".join(ran.json["could_not"]))
                self.assertIn(said, ran.err)
        ran = self.run_tool("chek", "--json", code=2)
        self.assertEqual(ran.json, {"command": None, "exit": 2,
                                    "could_not": ["no such command: chek (did you mean check?)"]})
        # one object, with what could be done in it
        ran = self.run_tool("check", good, "none.xml", "--json", code=2)
        self.assertEqual(len(ran.json["files"]), 2)
        self.assertIn("none.xml", ran.json["could_not"][0])

    def test_top_says_what_it_wants_of_kamailio(self):
        (self.folder / "none").write_text("")
        for path in ("nowhere", "none"):
            self.assertIn("modparam(\"jsonrpcs\", \"transport\", 4)", self.run_tool("top", "-o", "-a", self.folder / path, code=2).err)
        for port in ("99999", "65536", "0", "", "-1", "80x"):
            ran = self.run_tool("top", "-o", "-a", f"http://127.0.0.1:{port}/RPC", code=2)
            self.assertIn("expected http://host[:port][/path]: a port is 1 to 65535", ran.err)

    def test_top_knows_the_socket_of_kamcmd(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as ctl:
            ctl.bind(str(self.folder / "kamailio_ctl"))
            ctl.listen()
            ran = self.run_tool("top", "-o", "-a", self.folder / "kamailio_ctl", code=2)
        self.assertIn("kamcmd's socket? jsonrpcs has its own: modparam dgram_socket", ran.err)

    @unittest.skipUnless(os.geteuid() == 0, "needs root, to be another user")
    def test_top_says_who_may_ask(self):
        copy = self.file("tool", Path(tool()).read_bytes())
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as asked:
            asked.bind(str(self.folder / "rpc.sock"))
            for path, mode in ((copy, 0o755), (self.folder, 0o755), (self.folder / "rpc.sock", 0o660)):
                path.chmod(mode)
            run = subprocess.run(["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups", str(copy), "top", "-o",
                                  "-a", str(self.folder / "rpc.sock")], capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 2)
        self.assertIn("rpc.sock: Permission denied (be root, or in the group of the socket and its folder)", run.stderr)

    def test_version_names_itself_and_the_kamailio_it_was_built_for(self):
        header = (ROOT / "modules/failover_route/frt_version.h").read_text()
        written = header.split('FRT_VERSION "')[1].split('"')[0]
        self.assertRegex(self.run_tool("--version", code=0).out,
                         rf"^failover-route {written}, built for Kamailio \d+\.\d+\.\d+\n$")

    def test_an_option_has_its_letter_too(self):
        for args in (("-s", "calls"), ("--sort", "calls"), ("--sort=calls",)):
            ran = self.run_tool("top", *args, "-a", self.folder / "none", "-o", code=2)
            self.assertIn("No such file", ran.err)
        self.assertIn("expected one of", self.run_tool("top", "-s", "nothing", code=2).err)
        self.assertIn("no such option: -j", self.run_tool("top", "-j", code=2).err)

    def test_what_follows_two_dashes_is_no_option(self):
        self.file("--json", GOOD)
        self.assertIn("good", self.run_tool("check", "--", "--json", code=0).out)

    def test_output_that_cannot_be_written_exits_2(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            ran = subprocess.run([tool(), "--help"], stdout=full, text=True,
                                 stderr=subprocess.PIPE, check=False)
        self.assertEqual(ran.returncode, 2)
        self.assertIn("cannot write: No space left", ran.stderr)


class Progress(ToolTest):
    def at_a_terminal(self, *args, columns=0):
        """Exit code, standard output, and what a terminal got as standard error."""
        ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (24, columns))
        with subprocess.Popen([tool(), *map(str, args)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=theirs, text=True, cwd=self.folder) as run:
            os.close(theirs)
            out, seen = run.stdout.read(), b""
            try:
                while True:
                    seen += os.read(ours, 4096)
            except OSError:  # how a terminal says that nobody is there any more
                pass
        os.close(ours)
        return run.returncode, out, seen.decode()

    def left(self, seen):
        """What stays on the screen."""
        lines = []
        for line in seen.split("\n"):
            screen = ""
            for part in line.split("\r"):
                screen = part + screen[len(part):]
            lines.append(screen.rstrip())
        return [l for l in lines if l]

    def test_a_terminal_sees_what_is_being_done_and_a_pipe_does_not(self):
        good = self.file("good.xml", GOOD)
        self.file("ds.list", "1 sip:192.0.2.1:5060 0 0\n")
        self.file("kamailio.cfg", 'loadmodule "tm.so"\n')
        for args, said in (
                (("check", good, good), "2 of 2: "),
                (("convert", "dispatcher", "ds.list", "--json"), "reading ds.list"),
                (("replay", good, "none"), "reading none"),
                (("doctor", "--config", "kamailio.cfg"), "kamailio -c")):
            with self.subTest(args):
                if args[0] == "doctor" and not shutil.which("kamailio"):
                    continue
                code, out, seen = self.at_a_terminal(*args)
                self.assertIn(said, seen)
                self.assertNotIn(said, " ".join(self.left(seen)))
                ran = self.run_tool(*args, code=code)
                self.assertNotIn(said, ran.err)
                self.assertEqual(ran.out, out)
                self.assertEqual(self.left(seen), ran.err.splitlines())


    def test_it_stays_in_one_line_of_a_narrow_terminal(self):
        good = self.file("good.xml", GOOD)
        for columns, most in ((40, 39), (10, 9), (2, 1), (0, 78), (200, 78)):
            with self.subTest(columns):
                _, _, seen = self.at_a_terminal("check", good, good, columns=columns)
                self.assertEqual(max(len(part) for part in re.split("[\r\n]", seen)), most)


class Completion(ToolTest):
    def complete(self, *words):
        """What bash offers for the last word."""
        script = self.file("c.bash", self.run_tool("completion", "bash", code=0).out)
        run = subprocess.run(
            ["bash", "-c", 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
             '_failover_route; printf "%s\\n" "${COMPREPLY[@]}"', str(script),
             "failover-route", *words], cwd=self.folder, text=True,
            capture_output=True, check=True)
        self.assertEqual(run.stderr, "")
        return set(run.stdout.split())

    def test_bash_completes_commands_options_words_and_files(self):
        self.file("table.xml", GOOD)
        self.assertLessEqual({"check", "completion", "--version"}, self.complete(""))
        self.assertEqual(self.complete("che"), {"check"})
        self.assertLessEqual({"--json", "--help"}, self.complete("check", "-"))
        self.assertIn("table.xml", self.complete("check", "t"))
        self.assertEqual(self.complete("completion", "z"), {"zsh"})
        self.assertEqual(self.complete("help", "co"), {"completion", "convert"})
        self.assertEqual(self.complete("convert", "d"), {"dispatcher"})
        self.assertEqual(self.complete("convert", "--freeze", "d"), {"dispatcher"})
        self.assertEqual(self.complete("convert", "dispatcher", "t"), {"table.xml"})
        self.assertEqual(self.complete("convert", "dispatcher", "table.xml", "d"), set())

    def test_every_option_of_the_help_is_completed(self):
        commands = [l.split()[0] for l in self.run_tool("--help").out.split("\n")
                    if l.startswith("  ")]
        for command in commands:
            out = self.run_tool(command, "--help").out
            said = {l.split()[0].rstrip(",") for l in out.split("\n") if l.startswith("  --")}
            self.assertEqual(self.complete(command, "-"), said, command)

    def test_the_shells_take_the_scripts(self):
        for shell, how in (("bash", ["bash", "-n"]), ("zsh", ["zsh", "-n"]),
                           ("fish", ["fish", "--no-execute"])):
            script = self.file(shell, self.run_tool("completion", shell, code=0).out)
            if shutil.which(shell):
                subprocess.run([*how, str(script)], check=True)
            self.assertIn("check", script.read_text())
        self.assertEqual(self.run_tool("completion", "zsh", "--json", code=0).json["script"],
                         (self.folder / "zsh").read_text())


class Manual(ToolTest):
    def test_the_page_is_clean(self):
        page = ROOT / "utils/failover-route.8"
        if not shutil.which("groff"):
            self.skipTest("no groff")
        run = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", str(page)],
                             text=True, capture_output=True, check=True)
        self.assertEqual(run.stderr, "")

    def check_docs(self, change):
        """utils/check-docs.sh on a copy of what it reads, changed."""
        for name in ("modules", "utils"):
            shutil.copytree(ROOT / name, self.folder / name, dirs_exist_ok=True)
        change(self.folder / "utils")
        run = subprocess.run([str(ROOT / "utils/check-docs.sh"), str(self.folder)],
                             text=True, capture_output=True, check=False)
        return run.returncode, run.stdout

    def test_an_option_or_command_that_only_one_side_has_is_found(self):
        def edit(name, old, new):
            def change(utils):
                text = (utils / name).read_text()
                self.assertIn(old, text)
                (utils / name).write_text(text.replace(old, new, 1))
            return change
        self.assertEqual(self.check_docs(lambda utils: None)[0], 0)
        for change, said in (
                (edit("frt_cli_args.c", '{"--json",', '{"--jason",'),
                 "common options: --jason is not in"),
                (edit("failover-route.8", ".SS check", ".SS chack"),
                 "command check: has no section"),
                (edit("failover-route.8", ".SS check", ".SS chack"),
                 "command chack: is in utils/failover-route.8, but does not exist"),
                (edit("failover-route.8", ".SS completion SHELL\n",
                      ".SS completion SHELL\n.TP\n.B \\-\\-gone\nx\n"),
                 "command completion: --gone is in")):
            with self.subTest(said):
                code, out = self.check_docs(change)
                self.assertEqual(code, 1)
                self.assertIn(said, out)


if __name__ == "__main__":
    unittest.main()
