"""A disk so small that it is full at once, seen by this story and what it starts only."""
import os
import subprocess

from .namespaces import new_mounts


class SmallDisk:
    def __init__(self, path, size="256k"):
        self.path = path
        path.mkdir()
        new_mounts()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(path)], check=True)

    def fill(self):
        """Not a byte is left."""
        with open(self.path / "ballast", "wb", buffering=0) as out:
            try:
                while True:
                    out.write(os.urandom(4096))
            except OSError:
                pass

    def empty(self):
        (self.path / "ballast").unlink(missing_ok=True)
