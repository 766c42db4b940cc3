"""Runs a command again and again, each time killed at a random moment; prints what it left behind.

Every run is a fork of this process, which has imported and compiled what the command needs.

Usage: ``killed_runs.py CATALOG OUT KILLS SEED``; prints one JSON line a run.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import lightgbm  # noqa: F401

from linkage.cli.commands import run_match
from linkage.cli.run_options import RunOptions
from linkage.linker import Linker  # noqa: F401

FILES = ("clusters.csv", "clusters.parquet", "pairs.parquet", "run.json")


def start(catalog: Path, out: Path, *, resume: bool) -> int:
    """Starts a run; returns its process."""
    process = os.fork()
    if process:
        return process
    code = 1
    try:
        options = RunOptions(quality="fast", threads=1, quiet=True, force=True, resume=resume)
        run_match(catalog, None, out, options)
        code = 0
    finally:
        os._exit(code)


def left_behind(out: Path) -> str:
    """A digest of the results, ``absent`` where there are none, ``broken`` where some lack."""
    if not out.exists():
        return "absent"
    if not all((out / name).is_file() for name in FILES):
        return "broken"
    try:
        json.loads((out / "run.json").read_text(encoding="utf-8"))
    except ValueError:
        return "broken"
    content = b"".join((out / name).read_bytes() for name in FILES[:-1])
    return hashlib.sha256(content).hexdigest()


def main() -> None:
    """Runs once whole, then with kills, then to the end."""
    catalog, out = Path(sys.argv[1]), Path(sys.argv[2])
    kills, random_ = int(sys.argv[3]), random.Random(int(sys.argv[4]))
    whole = out.with_name("whole")
    begun = time.perf_counter()
    os.waitpid(start(catalog, whole, resume=False), 0)
    longest = time.perf_counter() - begun
    print(json.dumps({"run": "whole", "left": left_behind(whole), "code": 0}), flush=True)
    for number in range(kills + 1):
        process = start(catalog, out, resume=True)
        if number < kills:
            time.sleep(random_.random() * longest)
            os.kill(process, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        print(json.dumps({"run": number, "left": left_behind(out), "code": code}), flush=True)


if __name__ == "__main__":
    main()
