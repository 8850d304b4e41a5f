"""Kamailio's memory, refused to one place of a module after the other while it runs."""
import mmap
import struct

NAME, PLACES = 48, 256
HEAD = NAME + 12  # module; refuse, lock, n
PLACE = NAME + 8  # function; line, refused
SIZE = HEAD + PLACES * PLACE


class NoMemory:
    """Before lab.start(). places(): who of the module has asked so far, [(function, line), ...]"""

    def __init__(self, lab, module="failover_route"):
        path = lab.work / "no_memory"
        path.write_bytes(module.encode().ljust(SIZE, b"\0"))
        with open(path, "r+b") as file:
            self._shared = mmap.mmap(file.fileno(), SIZE)
        lab.kamailio.preload["no_memory"] = {"FRT_NO_MEMORY": str(path)}

    def _place(self, index):
        name, line, refused = struct.unpack_from(f"{NAME}s2I", self._shared, HEAD + index * PLACE)
        return name.rstrip(b"\0").decode(), line, refused

    def places(self):
        count, = struct.unpack_from("I", self._shared, NAME + 8)
        return [self._place(i)[:2] for i in range(count)]

    def refuse(self, index):
        """The place gets no memory."""
        struct.pack_into("I", self._shared, NAME, index + 1)

    def refused(self):
        """How often the place asked in vain so far."""
        return self._place(struct.unpack_from("I", self._shared, NAME)[0] - 1)[2]

    def give(self):
        """Everybody gets what there is; how often it was refused."""
        refused = self.refused()
        struct.pack_into("I", self._shared, NAME, 0)
        return refused
