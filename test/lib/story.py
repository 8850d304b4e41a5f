"""Runs one scenario folder in a process of its own; the runner started it.

    python3 -m lib.story FOLDER WORK ROOT

Writes WORK/result.json: {"result": "ok" | "FAIL" | "skip", "reason": "..."}.
"""
import gc
import importlib.util
import json
import os
import signal
import sys
import traceback
from pathlib import Path

from . import explained
from .lab import Lab, Skip


def _load(path):
    spec = importlib.util.spec_from_file_location(f"scenario_{path.parent.name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _stop(_signal, _frame):
    raise KeyboardInterrupt


def run(folder, work, root):
    """(result, reason)"""
    story_file = folder / "scenario.py"
    lab = None
    try:
        module = _load(story_file)
        if getattr(module, "NEEDS_MODULE", True) and not _module_file(root).exists():
            return "FAIL", "build/failover_route.so is not there: run make first"
        lab = Lab(folder, work, root, _module_file(root))
        module.story(lab)
        lab.finish()
        return "ok", ""
    except Skip as reason:
        return "skip", str(reason)
    except KeyboardInterrupt:
        return "FAIL", "interrupted"
    except Exception as error:  # noqa: BLE001 whatever a story raises is its failure
        traceback.print_exc()
        return "FAIL", explained.explain(error, story_file)
    finally:
        if lab:
            lab.close()


def _module_file(root):
    return Path(os.environ.get("FRT_MODULE", root / "build/failover_route.so"))


def main():
    folder, work, root = (Path(a).resolve() for a in sys.argv[1:4])
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # its gateways remember every request: after half an hour of calls a collection kept all of
    # them silent for a second
    gc.disable()
    result, reason = run(folder, work, root)
    (work / "result.json").write_text(json.dumps({"result": result, "reason": reason}))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
