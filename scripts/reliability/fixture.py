"""What whole runs of cases need: catalogs, labels, a model, results and stages of small runs."""

from __future__ import annotations

import csv
import random
import shutil
from dataclasses import dataclass
from pathlib import Path

from reliability.commands import command_faults, run_command
from reliability.kinds.csv_files import csv_text
from reliability.offers import Offers, draw_offers

__all__ = ["FAST", "Fixture"]

#: Options of a run that is as quick as may be.
FAST = ("--quality", "fast", "--threads", "1", "--quiet")
#: Rows of the catalogs: enough to learn from, few enough to take half a second.
_ROWS = 40


@dataclass(frozen=True)
class Fixture:
    """Files that cases copy.

    Attributes:
        folder: holds ``catalog.csv``, ``right.csv``, ``labels.csv``, ``pairs.csv``, ``truth.csv``,
            ``config.toml``; ``model``, ``results`` and ``.results.stages`` are of runs over them.
        offers: of ``catalog.csv``.
    """

    folder: Path
    offers: Offers

    @classmethod
    def made(cls, folder: Path, *, runs: bool = True) -> Fixture:
        """Write the files of a fixture; its runs also load what later runs compile.

        Args:
            folder: an empty folder.
            runs: whether there are ``model``, ``results`` and ``.results.stages``.
        """
        folder.mkdir(parents=True)
        chance = random.Random(0)
        fixture = cls(folder, draw_offers(chance, _ROWS))
        right = Offers(fixture.offers.names, [row[:] for row in fixture.offers.rows[::2]])
        for row in right.rows:
            row[0], row[1] = "r" + row[0][1:], row[1] + " original"
        for name, offers in (("catalog", fixture.offers), ("right", right)):
            text = csv_text(offers, ",", "\n", lambda _: False)
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        codes = [row[1].lower().split()[2] for row in fixture.offers.rows]
        ids = fixture.offers.ids
        pairs = [
            (ids[a], ids[b], int(codes[a] == codes[b]))
            for a in range(_ROWS)
            for b in range(a + 1, min(a + 4, _ROWS))
        ]
        fixture._write("labels", ["left_id", "right_id", "label"], pairs)
        fixture._write("pairs", ["left_id", "right_id"], [pair[:2] for pair in pairs[:30]])
        fixture._write("truth", ["id", "entity_id"], list(zip(ids, codes, strict=True)))
        (folder / "config.toml").write_text('quality = "fast"\nthreads = 1\n', encoding="utf-8")
        if runs:
            fixture._run("dedupe", "catalog.csv", "-o", "results", "--resume", *FAST)
            fixture._run(
                "train", "catalog.csv", "--labels", "labels.csv", "--model", "model", *FAST
            )
        return fixture

    def copied(self, folder: Path, *names: str) -> None:
        """Copy files and folders into another folder."""
        for name in names:
            source = self.folder / name
            if source.is_dir():
                shutil.copytree(source, folder / name, symlinks=True)
            else:
                shutil.copy(source, folder / name)

    def _write(self, name: str, header: list[str], rows: list[tuple]) -> None:
        with (self.folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])

    def _run(self, *arguments: str) -> None:
        named = [
            str(self.folder / one) if one.endswith(".csv") or one in ("results", "model") else one
            for one in arguments
        ]
        ended = run_command(named)
        if ended.code or command_faults(ended, named):
            raise RuntimeError(f"the runs that cases need fail: {ended.err}")
