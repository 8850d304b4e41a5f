"""Starts and ends real processes, each in a process group of its own.

All of a scenario's processes share the session of the scenario, so that the
runner finds and ends them even when the scenario itself was killed.
"""
import os
import signal
import subprocess
import time


class Process:
    def __init__(self, argv, cwd, output, env=None, append=False):
        self.argv = argv
        with open(output, "ab" if append else "wb") as out:
            self._popen = subprocess.Popen(
                argv, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                env={**os.environ, **(env or {})}, process_group=0)
        self.pid = self._popen.pid
        self.stuck = ""

    @property
    def running(self):
        return self._popen.poll() is None

    @property
    def exit_code(self):
        return self._popen.poll()

    def wait(self, limit):
        """The exit code, or None if it still runs after limit seconds."""
        try:
            return self._popen.wait(limit)
        except subprocess.TimeoutExpired:
            return None

    def send_signal(self, sig):
        if self.running:
            os.kill(self.pid, sig)

    def send_group(self, sig):
        """To the whole group: also to children that outlived their parent."""
        try:
            os.killpg(self.pid, sig)
        except ProcessLookupError:
            pass

    def stop(self, limit=10, sig=signal.SIGTERM):
        """Asks it to end; after limit seconds kills it. The exit code, None if killed:
        then self.stuck says where its processes were."""
        self.send_signal(sig)
        code = self.wait(limit)
        if code is None:
            self.stuck = "; ".join(whereabouts(pid) for pid in group_members(self.pid))
        self.send_group(signal.SIGKILL)
        if code is None:
            self._popen.wait(10)
        return code

    def kill(self):
        """The whole group, at once, without a word."""
        self.send_group(signal.SIGKILL)
        self._popen.wait(10)


def whereabouts(pid):
    """Where a process that does not end is: its state, the kernel's function, its signals."""
    def read(name):
        try:
            with open(f"/proc/{pid}/{name}") as f:
                return f.read()
        except OSError:
            return ""
    status = dict(line.split(":\t", 1) for line in read("status").splitlines() if ":\t" in line)
    signals = " ".join(f"{name}={status.get(name, '?')}" for name in ("SigPnd", "ShdPnd", "SigBlk"))
    return (f"{pid} {status.get('State', '?')[:1]} in {read('wchan') or '?'} "
            f"syscall {read('syscall').strip() or '?'} {signals}")


def asleep(pids):
    """Does none of them work?"""
    return all((stat := _stat(pid)) is None or stat[0] in "SZX" for pid in pids)


def _stat(pid):
    """(state, process group, session) of a process, None if there is none."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            fields = f.read().rpartition(")")[2].split()
    except OSError:
        return None
    return fields[0], int(fields[2]), int(fields[3])


def alive(pid):
    """Does it run? A zombie that nobody has reaped yet does not."""
    stat = _stat(pid)
    return stat is not None and stat[0] not in "ZX"


def _members(place, number):
    """Process ids with this number in this place of _stat(), zombies left out."""
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    return [pid for pid in pids
            if (stat := _stat(pid)) and stat[place] == number and stat[0] not in "ZX"]


def group_members(pgid):
    return _members(1, pgid)


def session_members(sid):
    return _members(2, sid)


def end_session(sid, limit=5.0):
    """Ends every process of a session: SIGTERM, then SIGKILL after limit seconds.

    Returns how many had to be ended. The caller must still hold the session's
    leader unreaped, so that the number cannot belong to anyone else."""
    first = session_members(sid)
    deadline = time.monotonic() + limit
    members = first
    sig = signal.SIGTERM
    while members:
        for pid in members:
            try:
                os.kill(pid, sig)
            except ProcessLookupError:
                pass
        time.sleep(0.1)
        members = session_members(sid)
        if time.monotonic() > deadline:
            sig = signal.SIGKILL
    return len(first)
