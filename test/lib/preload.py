"""What the tests preload into Kamailio, as environment variables."""
import os
import platform
import subprocess
import tempfile
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_SOURCE = _ROOT / "test/lib/whole_lines.c"


def variables(work):
    if os.environ.get("FRT_PRELOAD"):
        return {"LD_PRELOAD": os.environ["FRT_PRELOAD"],
                "ASAN_OPTIONS": f"detect_leaks=0:log_path={work}/sanitizer",
                "UBSAN_OPTIONS": f"print_stacktrace=1:log_path={work}/sanitizer"}
    library, version = platform.libc_ver()
    if library == "glibc" and tuple(map(int, version.split("."))) >= (2, 37):
        return {"LD_PRELOAD": str(_whole_lines())}
    return {}


def _whole_lines():
    made = _ROOT / "build/whole_lines.so"
    if not made.exists() or made.stat().st_mtime < _SOURCE.stat().st_mtime:
        made.parent.mkdir(exist_ok=True)
        # several runs may come here at once
        with tempfile.NamedTemporaryFile(dir=made.parent, suffix=".so", delete=False) as out:
            subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-fno-builtin",
                            "-o", out.name, str(_SOURCE)], check=True, timeout=60)
        os.replace(out.name, made)
    return made
