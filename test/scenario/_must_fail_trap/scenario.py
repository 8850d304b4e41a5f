"""Used by _selftest only: a SIP worker that dies must not go unseen, although Kamailio exits 0."""
import os
import signal

NEEDS_MODULE = False


def story(lab):
    lab.start(module="", relay='$du = "sip:${gw1}"; t_relay();')
    worker = next(pid for pid, what in lab.kamailio.children().items() if "udp receiver" in what)
    os.kill(worker, signal.SIGKILL)
    lab.log.wait_for("child process .* exited")
    lab.wait(lambda: not lab.kamailio.running, "Kamailio ends")
    lab.kamailio._process = None  # so that only the log can tell
