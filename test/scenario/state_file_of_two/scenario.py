"""Two Kamailios with one state_file: none puts the other's half-written file in its place,
and both say that there are two.
"""
import os
import signal

from lib.kamailio import Kamailio
from lib.logfile import LogFile

MANY = 20000  # destinations: writing them takes long enough to be caught at it


def second_of(lab):
    """A Kamailio like the first on an address of its own."""
    work, host = lab.work / "second", lab.slot.host(4)
    work.mkdir()
    text = lab.kamailio.cfg.read_text().replace(lab.slot.kam, host)
    (work / "kamailio.cfg").write_text(text.replace(f"{lab.work}/ctl.sock", f"{work}/ctl.sock"))
    return Kamailio(work, host, LogFile(work / "kamailio.log"))


def writer(kamailio):
    return next(p for p, what in kamailio.children().items() if what == "failover_route writer")


def drain(kamailio, which, wish):
    kamailio.rpc.json("failover_route.set_admin", "carriers", which, wish)


def inode(path):
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None


def whole(path):
    return path.read_text().splitlines()[-1].startswith("end ")


def has_open(pid, path):
    folder = f"/proc/{pid}/fd"
    return any(os.path.realpath(f"{folder}/{fd}") == str(path) for fd in os.listdir(folder))


def caught_writing(lab, kamailio, temp):
    """Stops its writer while it writes the temporary file; the writer, and the file's inode."""
    pid, wishes, state = writer(kamailio), ("drain", "ready"), temp.with_suffix("")
    for n in range(20):
        before = inode(state)
        drain(kamailio, "gw1", wishes[n % 2])
        lab.wait(lambda: temp.exists() or inode(state) != before, "it writes, or has written", step=0)  # noqa: B023 at once
        os.kill(pid, signal.SIGSTOP)
        lab.wait(lambda: " T " in open(f"/proc/{pid}/stat").read(), "it has stopped")
        if has_open(pid, temp):
            return pid, inode(temp)
        os.kill(pid, signal.SIGCONT)
        lab.wait(lambda: not temp.exists(), "that one is in its place", step=0)
    raise AssertionError("never caught while it wrote")


def story(lab):
    many = "\n".join(f'<destination id="d{n}" uri="sip:10.1.{n >> 8}.{n & 255}"/>' for n in range(MANY))
    lab.start(shm_mb=256, modparams='modparam("failover_route", "state_interval", 1)\n',
              many=f'<set id="many"><probe enabled="no"/>{many}</set>')
    state, temp = lab.work / "state", lab.work / "state.tmp"
    drain(lab.kamailio, "gw2", "maint")
    lab.wait(lambda: state.exists(), "the first file")
    second = second_of(lab)
    second.start(256)
    try:
        first_pid, first_temp = caught_writing(lab, lab.kamailio, temp)
        second_pid, before = writer(second), inode(state)
        drain(second, "gw2", "drain")

        def second_has_tried():
            return (inode(temp) not in (None, first_temp)
                    or second.log.count("has locked its folder") > 0)
        lab.wait(second_has_tried, "the second writes, or cannot", step=0)
        os.kill(second_pid, signal.SIGSTOP)
        os.kill(first_pid, signal.SIGCONT)
        lab.wait(lambda: inode(state) != before, "the first has put its file in place")
        assert whole(state), "half a file is in its place"
        os.kill(second_pid, signal.SIGCONT)
        lab.wait(lambda: inode(state) != first_temp, "the second has written, too")
        assert whole(state)
        drain(lab.kamailio, "gw1", "maint")
        lab.wait(lambda: lab.log.count("was written by another process") == 1, "the first says so")
        drain(second, "gw1", "maint")
        lab.wait(lambda: second.log.count("was written by another process") == 1, "the second, too")
        second.stop()
    finally:
        second.end()
    lab.restart()
    assert lab.log.count("damaged") == 0 and lab.dst("gw1")["admin"] == "maint"
