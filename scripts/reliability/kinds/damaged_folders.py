"""Folders that the engine wrote and reads again, damaged in between: models, results, stages."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

from reliability.commands import command_faults, left_behind, run_command
from reliability.damage import damage_file
from reliability.fixture import FAST, Fixture

__all__ = ["checkpoint_case", "model_case"]

_MODEL_OPTIONS = ("--threads", "1", "--quiet")


def model_case(chance: random.Random, folder: Path, fixture: Fixture) -> list[str]:
    """A damaged model or results folder, used: refused, or used without a fault."""
    uses = {
        "score": ("model", ["score", "catalog.csv", "--pairs", "pairs.csv", "--model", "model",
                            "-o", "out.csv", *_MODEL_OPTIONS]),
        "dedupe": ("model", ["dedupe", "catalog.csv", "--model", "model", "-o", "out",
                             *_MODEL_OPTIONS]),
        "evaluate": ("results", ["evaluate", "results", "--truth", "truth.csv"]),
        "explain": ("results", ["explain", "results", "o0", "o1"]),
    }  # fmt: skip
    damaged, arguments = uses[chance.choices(list(uses), (6, 2, 1, 3))[0]]
    fixture.copied(folder, "catalog.csv", "pairs.csv", "truth.csv", damaged)
    done = _damage(chance, folder / damaged)
    ended = run_command(arguments)
    faults = command_faults(ended, arguments)
    faults += [f"left behind: {name}" for name in left_behind(folder)]
    return [*faults, f"damage: {done}"] if faults else []


def checkpoint_case(chance: random.Random, folder: Path, fixture: Fixture) -> list[str]:
    """Damaged stages of a run that is resumed: made anew, to the same results."""
    # The catalog stays where it was, so that the account of the run is the same.
    stages = folder / ".out.stages"
    shutil.copytree(fixture.folder / ".results.stages", stages)
    done = _damage(chance, stages)
    arguments = ["dedupe", str(fixture.folder / "catalog.csv"), "-o", "out", "--resume", *FAST]
    ended = run_command(arguments)
    faults = command_faults(ended, arguments)
    if ended.code:
        faults.append(f"the run failed: {ended.err.strip()[:200]}")
    else:
        for name in ("clusters.csv", "pairs.parquet"):
            if (folder / "out" / name).read_bytes() != (
                fixture.folder / "results" / name
            ).read_bytes():
                faults.append(f"{name} is not that of an undisturbed run")
    faults += [f"left behind: {name}" for name in left_behind(folder, stages=True)]
    return [*faults, f"damage: {done}"] if faults else []


def _damage(chance: random.Random, folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return "; ".join(
        damage_file(chance, path) for path in chance.sample(files, chance.choice((1, 1, 1, 2, 4)))
    )
