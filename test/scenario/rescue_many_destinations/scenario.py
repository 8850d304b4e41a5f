"""Six hundred destinations go down in one moment, each with a call that waits there.

As when the route to a data centre is lost. The rescuer is held still meanwhile, so that
more errands come than it has room for: no destination is forgotten, each call moves on.
"""
import os
import signal
import time

N = 600
LIMIT = 120


def story(lab):
    dsts = "".join(f'<destination id="d{n}" uri="sip:${{gw1}}:{20000 + n}" priority="1"/>\n'
                   for n in range(N))
    lab.start(modparams='modparam("failover_route", "icmp", 0)\n', many=dsts, shm_mb=128)
    gw2 = lab.gateway("gw2")
    calls = [lab.call(str(1000 + n)) for n in range(N)]
    lab.wait(lambda: sum(d["attempts"] for d in lab.set()["destinations"]) == N,
             "every call is on its way")
    rescuer = next(p for p, d in lab.kamailio.children().items() if "rescue" in d)
    os.kill(rescuer, signal.SIGSTOP)
    for n in range(N):
        lab.rpc("failover_route.set_health", "carriers", f"d{n}", "down")
    assert gw2.calls == []
    os.kill(rescuer, signal.SIGCONT)
    since = time.monotonic()
    for call in calls:
        assert call.wait_final(20) == 200 and call.finals == [200]
    spent = time.monotonic() - since
    assert spent < 10, spent  # the try-timeout is 60 s
    for call in calls:
        assert call.bye() == 200
        call.close()
    told = [d for d in lab.set()["destinations"] if d["id"].startswith("d")]
    assert sum(d["rescued"] for d in told) == N == len(gw2.calls)
    assert not any(d["calls"] or d["failed"] for d in told)
