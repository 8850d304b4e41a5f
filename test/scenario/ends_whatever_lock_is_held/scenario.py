"""A process that is killed while it holds a lock never gives it back: Kamailio ends all the
same, at once, and what was known is in the state file.

That moment is too short to be met by chance, so the lock of the events is taken from
outside, as it would be left behind.
"""
import re
import struct
import subprocess

HELD = 1  # of Kamailio's futex locks
PARAMS = 'modparam("failover_route", "state_interval", 86400)'  # it is written at the end


def where(pid, symbol):
    """The address of one of the module's variables, to whose name the linker may have added."""
    with open(f"/proc/{pid}/maps") as maps:
        start, path = next((int(line.split("-")[0], 16), line.split()[-1]) for line in maps
                           if line.rstrip().endswith("/failover_route.so"))
    names = subprocess.run(["nm", path], check=True, capture_output=True, text=True).stdout
    at = [line.split()[0] for line in names.splitlines()
          if re.fullmatch(rf"b {symbol}(\.lto_priv\.\d+)?", " ".join(line.split()[1:]))]
    assert len(at) == 1, at
    return start + int(at[0], 16)


def hold_lock(pid, symbol):
    """Takes the lock at the beginning of what that variable points to."""
    with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
        memory.seek(where(pid, symbol))
        lock = struct.unpack("Q", memory.read(8))[0]
        memory.seek(lock)
        assert memory.read(4) == bytes(4)
        memory.seek(lock)
        memory.write(struct.pack("i", HELD))


def story(lab):
    lab.start(modparams=PARAMS)
    lab.gateways_named("gw1", "gw2", "gw3")
    lab.rpc("failover_route.set_health", "carriers", "gw1", "down")
    assert not (lab.work / "state").exists()
    hold_lock(lab.kamailio.pid, "store")
    lab.restart()
    assert lab.health("gw1") == "down"
    assert lab.rpc("failover_route.history", "carriers", 10)["transitions"]
