"""Used by _selftest only: a story that hangs is ended at its limit, with all it started."""
import signal
import subprocess
import time

NEEDS_MODULE = False
LIMIT = 4


def story(lab):
    lab.start(module="", relay='$du = "sip:${gw1}"; t_relay();')
    stubborn = subprocess.Popen(["sh", "-c", "trap '' TERM; while :; do sleep 1; done"])
    pids = [stubborn.pid, *lab.kamailio.children()]
    (lab.work / "left_behind").write_text(" ".join(map(str, pids)))
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(1)
