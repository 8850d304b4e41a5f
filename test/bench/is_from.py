"""Does a message come from a destination of the set? What the question costs."""
import socket

from lib import message
from lib.transaction import new_branch

from . import callgrind
from .rig import Rig

MESSAGES = 40
RELAY = {"dispatcher": '''if (ds_is_from_list("1")) sl_send_reply("200", "Known");
	else sl_send_reply("403", "Unknown");''',
         "failover_route": '''if (frt_is_from("carriers")) sl_send_reply("200", "Known");
	else sl_send_reply("403", "Unknown");'''}
FUNCTION = {"dispatcher": "ds_is_addr_from_list", "failover_route": "ki_frt_is_from"}


def measure(system, count):
    """(instructions for a stranger, for a destination in the middle of the set)"""
    with Rig(system, count, under_callgrind=True, answer=False, shm_mb=1024,
             relay=RELAY[system.kind]) as rig:
        worker, costs = rig.worker, []
        known = rig.uris[count // 2].split(":")[1]
        for host, port, code in ((rig.lab.slot.caller, 5060, 403), (known, rig.port, 200)):
            _ask(rig, host, port, code, 2)
            callgrind.instrument(worker)
            callgrind.control("-z", worker)
            _ask(rig, host, port, code, MESSAGES)
            callgrind.control(f"--dump={code}", worker)
            profile = callgrind.Profile(*rig.work.glob(f"callgrind.{worker}.*"))
            costs.append(profile.inclusive(FUNCTION[system.kind]) / MESSAGES)
            for dump in rig.work.glob(f"callgrind.{worker}.*"):
                dump.unlink()
        rig.trust()
        return tuple(costs)


def _ask(rig, host, port, code, count):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((host, port))
        sock.connect((rig.lab.slot.kam, 5060))
        sock.settimeout(60)
        for n in range(count):
            sock.send(message.build(f"OPTIONS sip:{rig.lab.slot.kam} SIP/2.0", [
                ("Via", f"SIP/2.0/UDP {host}:{port};branch={new_branch()}"),
                ("Max-Forwards", "70"), ("From", "<sip:a@example.net>;tag=1"),
                ("To", f"<sip:{rig.lab.slot.kam}>"), ("Call-ID", new_branch()),
                ("CSeq", f"{n + 1} OPTIONS")]))
            told = message.parse(sock.recv(65535)).code
            if told != code:
                raise AssertionError(f"{rig.system.name}: {told} to a message from {host}:{port}")
