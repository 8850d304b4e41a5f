"""A ping that nobody answers, and a prober that comes late: tm's own timeout is there first. It is one,
whatever code tm's reply_408_code has for it, and no transport error.
"""
import os
import signal


def story(lab):
    own = lab.knows("reply_408_code", "tm")
    lab.start(modparams='modparam("tm", "reply_408_code", 504)\n' if own else "")
    gw1 = lab.gateway("gw1")
    lab.wait(lambda: gw1.options, "a ping")
    listed = lab.rpc("core.ps")  # pid, name, pid, name ...
    prober = int(listed[listed.index("failover_route prober") - 1])
    gw1.blackhole()
    seen = len(gw1.options)
    lab.wait(lambda: len(gw1.options) > seen, "one that is not answered")
    os.kill(prober, signal.SIGSTOP)
    lab.wait_transactions()
    os.kill(prober, signal.SIGCONT)
    assert "no reply in 500 ms" in lab.wait_health("gw1", "down")["reason"]
