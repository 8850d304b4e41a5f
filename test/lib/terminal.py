"""A terminal that a story looks at and types into: tmux, with a server of its own."""
import shlex
import subprocess

from .processes import Process
from .waiting import wait_until


class Terminal:
    def __init__(self, work, argv, columns=120, lines=30):
        self._socket = str(work / "tmux.sock")
        self._exit = work / "terminal.exit"
        self._exit.unlink(missing_ok=True)
        conf = work / "tmux.conf"
        conf.write_text("set -g status off\nset -g remain-on-exit on\n"
                        "set -g default-terminal screen-256color\n")
        # In the foreground: the runner must find it, and end it with the story.
        self._server = Process(["tmux", "-D", "-u", "-S", self._socket, "-f", str(conf)], cwd=work,
                               output=work / "tmux.log", env={"LC_ALL": "C.UTF-8", "TERM": "screen"})
        wait_until(lambda: self._tmux("list-sessions", check=False) is not None,
                   "tmux answers")
        self._tmux("new-session", "-d", "-x", str(columns), "-y", str(lines),
                   # tmux now and then loses the status of what ends in a pane
                   f"trap : INT; {shlex.join([str(a) for a in argv])}; "
                   f"echo $? >{shlex.quote(str(self._exit))}")

    def _tmux(self, *args, check=True):
        done = subprocess.run(["tmux", "-u", "-S", self._socket, *args], capture_output=True,
                              text=True, timeout=20)
        if done.returncode != 0 and check:
            raise AssertionError(f"tmux {args[0]}: {done.stderr.strip()}")
        return done.stdout if done.returncode == 0 else None

    @property
    def screen(self):
        """What is seen now, line by line, blanks at the ends left out."""
        return self._tmux("capture-pane", "-p").split("\n")

    @property
    def coloured(self):
        """The same as one text, with the sequences that colour it."""
        return self._tmux("capture-pane", "-p", "-e")

    def line(self, text):
        """The first line that has the text, or None."""
        return next((line for line in self.screen if text in line), None)

    def wait(self, *texts, limit=20):
        """Waits until one line has all the texts; returns that line."""
        def there():
            return next((line for line in self.screen if all(t in line for t in texts)), None)
        try:
            return wait_until(there, f"a line with {texts}", limit, step=0.1)
        except AssertionError as e:
            raise AssertionError(f"{e}; the screen: " + "\n".join(self.screen)) from None

    def type(self, *keys):
        """Keys as tmux names them: "d", "Down", "Escape", "C-c"."""
        self._tmux("send-keys", *keys)

    def write(self, text):
        self._tmux("send-keys", "-l", text)

    def resize(self, columns, lines):
        self._tmux("resize-window", "-x", str(columns), "-y", str(lines))

    @property
    def exit_code(self):
        """Of the program in it, 128 and the signal if one ended it; None while it runs."""
        code = self._exit.read_text() if self._exit.exists() else ""
        return int(code) if code.endswith("\n") else None

    def wait_exit(self, limit=20):
        """Waits until the program has ended; its exit code."""
        try:
            wait_until(lambda: self.exit_code is not None, "the program has ended", limit)
        except AssertionError as e:
            raise AssertionError(f"{e}; the screen: " + "\n".join(self.screen)) from None
        return self.exit_code

    def close(self):
        self._server.stop(limit=5)
