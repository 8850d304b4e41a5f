"""A real Chromium, driven by Playwright through test/page/drive.cjs.

The npm packages are in build/page, put there by utils/setup.sh; without them, or
without a browser, the story is skipped.
"""
import json
import os
import selectors
import shutil
import signal
import subprocess
import time


class Browser:
    def __init__(self, lab, width=1440, height=900, dark=False, credentials=None):
        self.lab = lab
        modules = lab.root / "build/page/node_modules"
        chromium = shutil.which("chromium")
        missing = [n for n, there in (("node", shutil.which("node")), ("chromium", chromium),
                                      ("npm packages in build/page", modules.is_dir())) if not there]
        if missing:
            raise lab.Skip("no " + ", ".join(missing) + "; see build/page.log")
        self._log = (lab.work / "browser.log").open("wb")
        self._popen = subprocess.Popen(
            ["node", lab.root / "test/page/drive.cjs", modules, chromium, lab.work / "profile"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, cwd=lab.work, process_group=0)
        try:
            self._do("start", 120, width=width, height=height, dark=dark, credentials=credentials)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _line(self, limit):
        out, text = self._popen.stdout, b""
        deadline = time.monotonic() + limit
        with selectors.DefaultSelector() as ready:
            ready.register(out, selectors.EVENT_READ)
            while not text.endswith(b"\n"):
                if not ready.select(max(0, deadline - time.monotonic())):
                    raise self.lab.Timeout(f"the browser says nothing for {limit} s")
                more = os.read(out.fileno(), 1 << 16)
                if not more:
                    raise AssertionError(f"the browser has ended: see {self._log.name}")
                text += more
        return text

    def _do(self, command, patience=60, /, **args):
        self._popen.stdin.write(json.dumps({"command": command, **args}).encode() + b"\n")
        self._popen.stdin.flush()
        answer = json.loads(self._line(patience))
        if "fault" in answer:
            raise AssertionError(f"browser, {command} {args}: {answer['fault'][:2000]}")
        return answer.get("value")

    def open(self, url):
        """The HTTP status."""
        return self._do("open", url=url)

    def eval(self, js):
        return self._do("eval", js=js)

    def wait(self, js, limit=30):
        """Waits until an expression is true; returns its value."""
        return self._do("wait", limit + 30, js=js, limit=limit)

    def text(self, selector):
        return self.eval(f"document.querySelector({json.dumps(selector)}).textContent")

    def click(self, selector):
        self._do("click", selector=selector)

    def fill(self, selector, text):
        self._do("fill", selector=selector, text=text)

    def press(self, *keys):
        for key in keys:
            self._do("press", key=key)

    def media(self, dark):
        self._do("media", dark=dark)

    def size(self, width, height):
        self._do("size", width=width, height=height)

    def shot(self, name, full=True):
        """A picture of the page, kept in the story's folder."""
        path = str(self.lab.work / f"{name}.png")
        return self._do("shot", path=path, full=full)

    def said(self):
        """What the console showed since last asked: errors, warnings, dialogs."""
        return self._do("said")

    def axe(self):
        """What axe-core finds against the page, in words."""
        return self._do("axe", 120)

    def close(self):
        if self._popen.poll() is None:
            try:
                self._do("quit", 20)
            except (AssertionError, OSError):
                pass
        try:
            os.killpg(self._popen.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._popen.wait(10)
        self._log.close()
        shutil.rmtree(self.lab.work / "profile", ignore_errors=True)
