"""The folder of golden records: for each match definition the records and their provenance."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from linkage.golden.golden import Golden
from linkage.golden.provenance import as_texts
from linkage.io.destination.folder_kinds import GOLDEN
from linkage.io.destination.protected import Input
from linkage.io.output import Writer, write_csv, write_folder, write_json, write_parquet
from linkage.version import __version__

__all__ = ["write_golden"]


def write_golden(
    folder: str | Path,
    found: Sequence[Golden],
    account: dict[str, Any],
    *,
    force: bool = False,
    safe_csv: bool = False,
    inputs: Sequence[Input] = (),
) -> Path:
    """Write golden records and their provenance as Parquet and CSV, whole or not at all.

    Files are ``golden`` and ``golden_provenance``; of several definitions ``golden_<name>`` and
    ``golden_provenance_<name>``. ``golden.json`` says by which rules they were made.

    Args:
        folder: where they go.
        found: the golden records of each match definition.
        account: what golden.json says besides.
        force: whether golden records of before may be replaced.
        safe_csv: whether texts that spreadsheets may run are guarded, as in `write_csv`.
        inputs: what they were made from, which the folder must not hold.

    Raises:
        OutputError: the folder may not or cannot be written.
    """
    files: dict[str, Writer] = {}
    for one in found:
        end = f"_{one.definition}" if len(found) > 1 else ""
        for name, table in (("golden", one.table), ("golden_provenance", one.provenance)):
            files[f"{name}{end}.parquet"] = write_parquet(table)
            files[f"{name}{end}.csv"] = _lazy_csv(table, safe=safe_csv)
    definitions = {one.definition: one.account() for one in found}
    files["golden.json"] = write_json(
        {"version": __version__, **account, "definitions": definitions}
    )
    return write_folder(folder, files, force=force, kind=GOLDEN, inputs=inputs)


def _lazy_csv(table: pa.Table, *, safe: bool) -> Writer:
    def write(path: Path) -> None:
        write_csv(as_texts(table), safe=safe)(path)

    return write
