"""Fuzzed cases by number: which kind a case is of, and running it."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from reliability.fixture import Fixture
from reliability.kinds.arguments import argument_case
from reliability.kinds.csv_files import csv_case
from reliability.kinds.damaged_folders import checkpoint_case, model_case
from reliability.kinds.image_files import image_case
from reliability.kinds.label_files import label_case
from reliability.kinds.parquet_files import parquet_case
from reliability.kinds.python_inputs import python_case
from reliability.kinds.toml_files import toml_case

__all__ = ["KINDS", "Fuzzing"]

#: A case: draws its input, works in an empty folder, returns faults.
Kind = Callable[[random.Random, Path], list[str]]

#: How often a kind is drawn. Reading takes milliseconds, so that most cases are of it; those of the
#: second line run the engine, which takes a second.
KINDS = {
    "csv": 380, "parquet": 210, "toml": 160, "labels": 140,
    "arguments": 36, "python": 48, "models": 12, "checkpoints": 6, "images": 8,
}  # fmt: skip


class Fuzzing:
    """The cases of a seed.

    Args:
        folder: where they work.
        seed: of all that is drawn.
        fixture: what whole runs need.
        kinds: the kinds to run; all if empty.
    """

    def __init__(
        self, folder: Path, seed: int, fixture: Fixture, kinds: tuple[str, ...] = ()
    ) -> None:
        self._folder = folder
        self._seed = seed
        self._kinds = {name: share for name, share in KINDS.items() if not kinds or name in kinds}
        with_fixture = {
            "arguments": argument_case, "python": python_case, "models": model_case,
            "checkpoints": checkpoint_case,
        }  # fmt: skip
        self._run: dict[str, Kind] = {
            "csv": csv_case, "parquet": parquet_case, "toml": toml_case, "labels": label_case,
            "images": image_case,
            **{name: partial(case, fixture=fixture) for name, case in with_fixture.items()},
        }  # fmt: skip

    def kind_of(self, number: int) -> str:
        """Return the kind of a case."""
        return self._drawn(number)[0]

    def run(self, number: int) -> list[str]:
        """Run a case in a folder of its own; returns its faults."""
        kind, chance = self._drawn(number)
        with tempfile.TemporaryDirectory(dir=self._folder, ignore_cleanup_errors=True) as place:
            os.chdir(place)
            try:
                return self._run[kind](chance, Path(place))
            finally:
                os.chdir(self._folder)

    def _drawn(self, number: int) -> tuple[str, random.Random]:
        chance = random.Random(f"{self._seed} {number}")
        return chance.choices(list(self._kinds), list(self._kinds.values()))[0], chance
