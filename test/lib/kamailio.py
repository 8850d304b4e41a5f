"""Runs the installed Kamailio with a rendered configuration file."""
import signal
import time
from pathlib import Path

from .preload import variables
from .processes import Process, asleep, group_members
from .rpc import Rpc
from .addresses import RPC_PORT
from .waiting import wait_until


class StartFailed(AssertionError):
    pass


class Kamailio:
    allocators = ()  # options: ("-x", "fm", "-X", "fm"); else its default ones
    pkg_mb = 8  # private memory of a process

    def __init__(self, work, host, log):
        self.work, self.log = Path(work), log
        self.cfg = self.work / "kamailio.cfg"
        self.rpc = Rpc(host, RPC_PORT, self.work / "ctl.sock")
        self.resolv_conf = None
        self._process = None
        self._shm_mb = 64
        self.preload = {}  # see preload.py
        self.without = ()  # capabilities it is not given, such as "net_raw"

    @property
    def running(self):
        return self._process is not None and self._process.running

    @property
    def pid(self):
        return self._process.pid

    def launch(self, shm_mb=64):
        """Starts the daemon without waiting for it."""
        self._shm_mb = shm_mb
        drop = [f"--bounding-set={','.join('-' + c for c in self.without)}"]
        self._process = Process(
            [*self._own_resolv_conf(), *(["setpriv", *drop] if self.without else []), "kamailio", "-f", str(self.cfg), "-DD", "-E", "-w", str(self.work),
             "-P", str(self.work / "kamailio.pid"), "-Y", str(self.work),
             "-m", str(shm_mb), "-M", str(self.pkg_mb), *self.allocators],
            cwd=self.work, output=self.log.path, env=variables(self.work, self.preload), append=True)

    def _own_resolv_conf(self):
        """A mount of its own, so that the machine's file stays as it is."""
        if self.resolv_conf is None:
            return []
        return ["unshare", "-m", "--propagation", "private", "sh", "-c",
                'mount --bind "$0" /etc/resolv.conf && exec "$@"', str(self.resolv_conf)]

    def start(self, shm_mb=64, limit=60):
        """Starts and waits until all of its processes run."""
        self.launch(shm_mb)
        started = self.rpc.starting()

        def ready():
            if not self._process.running:
                raise StartFailed(f"kamailio ended with {self._process.exit_code} at start: "
                                  + " | ".join(self.log.tail(4)))
            return started()
        wait_until(ready, "all of kamailio has started", limit, step=0.05)

    def refuses_to_start(self, limit=30):
        """Starts; the exit code of a Kamailio that must end by itself."""
        self.launch()
        code = self._process.wait(limit)
        if code is None:
            self.kill()
            raise AssertionError("kamailio started although it should have refused to")
        return code

    def stop(self, limit=20):
        """SIGTERM, as an init system does; anything but exit 0 is a failure."""
        if self._process is None:
            return
        process, self._process = self._process, None
        if not process.running:
            raise AssertionError(f"kamailio had ended by itself with {process.exit_code}")
        self._rest(process)
        code = process.stop(limit)
        if code != 0:
            raise AssertionError(f"kamailio ended with {code} after SIGTERM"
                                 if code is not None else f"kamailio still ran {limit} s "
                                 f"after SIGTERM and was killed: {process.stuck}")

    @staticmethod
    def _rest(process, limit=1.0):
        """Lets it finish what it has just been asked: a process that ends inside Kamailio's
        allocator leaves shared memory on which the main process can crash."""
        deadline = time.monotonic() + limit
        for _twice in range(2):
            while not asleep(group_members(process.pid)) and time.monotonic() < deadline:
                time.sleep(0.01)

    def kill(self):
        """kill -9 of every process of it: a power cut."""
        if self._process is not None:
            before = len(self.log.lines)
            self._process.kill()
            self._process = None
            self.log.forgive_since(before)

    def restart(self):
        self.stop()
        self.start(self._shm_mb)

    def end(self):
        """Whatever state it is in, it does not run afterwards."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self.kill()

    def children(self):
        """{pid: description} as core.psx tells."""
        return {p["PID"]: p["DSC"] for p in self.rpc.json("core.psx")}
