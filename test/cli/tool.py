"""The tool as a user runs it, and a folder of its own for each test."""
import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
MODULE = ROOT / "build/failover_route.so"
SHOW = "FRT_CLI"


def tool():
    if os.environ.get(SHOW):
        return os.environ[SHOW]
    for build in ("build/san", "build"):
        path = ROOT / build / "failover-route"
        if path.exists():
            return str(path)
    raise RuntimeError("there is no build/failover-route: make cli")


class Ran:
    def __init__(self, process):
        self.exit = process.returncode
        self.out, self.err = process.stdout, process.stderr

    @property
    def json(self):
        return json.loads(self.out)

    def __str__(self):
        return f"exit {self.exit}\nstdout:\n{self.out}\nstderr:\n{self.err}"


class ToolTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="frt-cli-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def file(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def run_tool(self, *args, code=None, stdin="", cwd=None, env=None, limit=120):
        """Runs it; a sanitizer's report, or an exit code but code, fails the test."""
        ran = Ran(subprocess.run(
            [tool(), *map(str, args)], input=stdin, text=True, capture_output=True,
            cwd=cwd or self.folder, timeout=limit, errors="surrogateescape",
            env={**os.environ, "LC_ALL": "C.UTF-8", **(env or {})}))
        self.assertNotIn("Sanitizer", ran.err)
        self.assertNotIn("runtime error", ran.err)
        if code is not None:
            self.assertEqual(ran.exit, code, f"{args}: {ran}")
        return ran


def config(inside, head=""):
    """A configuration with these lines in its root, from line 2 on."""
    return f'<failover-route version="1">{head}\n{inside}\n</failover-route>\n'


GOOD = config('  <set id="a">\n    <destination id="x" uri="sip:192.0.2.1"/>\n  </set>')
