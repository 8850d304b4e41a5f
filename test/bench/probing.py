"""Probes to many destinations, beside calls: what they do to each other."""
from . import capacity, systems
from .rig import Rig

INTERVAL, RATE, SECONDS = 30, 50, 95
LATE_MS = 100  # from INVITE to 200; the gateway waits 30 before it answers
DS_PING = f'''modparam("dispatcher", "ds_ping_interval", {INTERVAL})
modparam("dispatcher", "ds_probing_mode", 1)
modparam("dispatcher", "ds_timer_mode", 1)
modparam("tm", "fr_timer", 2000)
'''


def measure(system, count):
    """What SECONDS of probing do; see the keys of the result."""
    quiet = _run(system, count, SECONDS, False)
    busy = _run(system, count, SECONDS, True)
    extra = busy["cpu"] - quiet["cpu"]
    return {**busy, "cpu": max(0.0, extra) / max(1, busy["probes"]) * 1e6}


def _run(system, count, seconds, pinging):
    parts, probe = {}, ""
    if pinging and system.kind == "dispatcher":
        parts["load"] = systems.DS_LOAD + DS_PING
    elif pinging:
        probe = f'interval="{INTERVAL}s"'
    # calls go to a gateway of their own, so that only probes reach the sink
    parts["before"] = """if (is_method("INVITE")) {
		$du = "sip:${gw1}:5060";
		t_relay();
		exit;
	}"""
    with Rig(system, count, answer="sink", children=2, shm_mb=512, probe=probe, **parts) as rig:
        gateway = rig.lab.sipp_gateway("gw1")
        pids = [int(pid) for pid in rig.lab.kamailio.children()]
        before, dropped = sum(map(capacity.cpu_seconds, pids)), drops(rig)
        load = rig.lab.load(RATE, seconds, range(1000, 1100), hold=0).wait()
        times = load.answer_ms
        figures = {"cpu": sum(map(capacity.cpu_seconds, pids)) - before,
                   "drops": drops(rig) - dropped, "slowest": max(times, default=0.0),
                   "late": sum(t > LATE_MS for t in times) + load.placed - len(times)}
        rig.lab.kamailio.stop(60)
        gateway.close()
        requests, distinct, peak = rig.sink_counts()
        return {**figures, "probes": distinct, "again": requests - distinct, "peak": peak}


def drops(rig):
    """Datagrams that found the socket full, as the kernel counts them."""
    host = "".join(f"{int(b):02X}" for b in reversed(rig.lab.slot.kam.split(".")))
    with open("/proc/net/udp") as lines:
        return sum(int(line.split()[-1]) for line in lines if f" {host}:13C4 " in line)
