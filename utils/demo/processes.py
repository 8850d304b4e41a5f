"""Starts and ends processes. Only what was started here is ever ended."""
import ctypes
import os
import signal
import subprocess

PR_SET_PDEATHSIG = 1


def _end_with_parent():
    """If the demonstration itself is killed, its processes get SIGTERM."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Process:
    """A process in a group of its own: the terminal's Ctrl-C does not reach it."""

    def __init__(self, name, argv, folder, log, env=None):
        self.name, self.argv, self.log = name, argv, log
        with open(log, "ab") as out:
            self._popen = subprocess.Popen(
                argv, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                env={**os.environ, **(env or {})}, process_group=0,
                preexec_fn=_end_with_parent)
        self.pid = self._popen.pid

    @property
    def running(self):
        return self._popen.poll() is None

    @property
    def exit_code(self):
        return self._popen.poll()

    def kill(self):
        """At once, the whole group: its ports are closed when this returns."""
        self._group(signal.SIGKILL)
        self._popen.wait(10)

    def stop(self, limit=10):
        """Asks it to end, and after the limit makes it. The exit code."""
        if self.running:
            self._popen.terminate()
            try:
                self._popen.wait(limit)
            except subprocess.TimeoutExpired:
                pass
        self.kill()
        return self._popen.returncode

    def _group(self, sig):
        try:
            os.killpg(self.pid, sig)
        except ProcessLookupError:
            pass

    def last_lines(self, count=12):
        with open(self.log, errors="replace") as f:
            return f.read().splitlines()[-count:]
