"""Instructions of a whole routed call in Kamailio: INVITE, 180, 200, ACK, BYE, 200,
and what is left to do when its transactions go.
"""
from . import callgrind
from .rig import Rig

ALLOCATORS = {"default": (), "fm": ("-x", "fm", "-X", "fm")}
# How tm's timer ends a transaction: what a module keeps per call goes here.
LEAVE = "wait_handler"
# What chooses, from the script's call to the destination being set.
CHOOSE = {"dispatcher": ("ds_select_dst_limit", "ds_manage_routes", "ds_update_dst"),
          "failover_route": ("frt_call_choose",)}


class Cost:
    """Per call: instructions in all, of choosing alone, and shm requests."""

    def __init__(self, profile, calls, kind):
        self.profile, self.calls = profile, calls
        self.total = (profile.inclusive("receive_msg") + profile.inclusive(LEAVE)) / calls
        self.choose = None
        if kind in CHOOSE:
            self.choose = max(profile.inclusive(f) for f in CHOOSE[kind]) / calls
        self.shm = profile.called(r"(qm|fm|tlsf)_shm_(malloc|mallocxz|realloc\w*)") / calls


def measure(system, count, allocators="default", calls=50):
    """The Cost of a call with so many destinations, as under lasting load: they have had
    calls before (the first of each makes failover_route one shared-memory block more), and
    as many calls as are measured have just ended (their XAVPs' blocks are used again)."""
    with Rig(system, count, allocators=ALLOCATORS[allocators], under_callgrind=True) as rig:
        rig.call_one_by_one(max(2 * count, calls))
        rig.wait_quiet()
        for pid in rig.pids("udp receiver") + rig.pids("timer"):
            callgrind.instrument(pid)
        rig.call_one_by_one(calls)
        rig.wait_quiet()
        rig.trust()
        rig.lab.kamailio.stop(60)
        return Cost(callgrind.Profile(*rig.work.glob("callgrind.*")), calls, system.kind)
