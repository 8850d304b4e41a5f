"""What the tests preload into Kamailio, as environment variables."""
import os
import platform
import subprocess
import tempfile
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]


def variables(work, libraries):
    """libraries: {name of one in this folder: variables that it wants}"""
    loaded, env = [], {}
    if os.environ.get("FRT_PRELOAD"):
        loaded.append(os.environ["FRT_PRELOAD"])
        env = {"ASAN_OPTIONS": f"detect_leaks=0:log_path={work}/sanitizer",
               "UBSAN_OPTIONS": f"print_stacktrace=1:log_path={work}/sanitizer"}
    elif _writes_parts_of_lines():
        loaded.append(_made("whole_lines"))
    for name, wanted in libraries.items():
        loaded.append(_made(name))
        env.update(wanted)
    return {**env, "LD_PRELOAD": ":".join(map(str, loaded))} if loaded else {}


def _writes_parts_of_lines():
    library, version = platform.libc_ver()
    return library == "glibc" and tuple(map(int, version.split("."))) >= (2, 37)


def _made(name):
    made, source = _ROOT / f"build/{name}.so", _ROOT / f"test/lib/{name}.c"
    if not made.exists() or made.stat().st_mtime < source.stat().st_mtime:
        made.parent.mkdir(exist_ok=True)
        # several runs may come here at once
        with tempfile.NamedTemporaryFile(dir=made.parent, suffix=".so", delete=False) as out:
            subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-fno-builtin",
                            "-o", out.name, str(source), "-ldl"], check=True, timeout=60)
        os.replace(out.name, made)
    return made
