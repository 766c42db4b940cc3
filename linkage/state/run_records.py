"""The records of a run as rows of a state: new, changed, deleted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from linkage.result import Result
from linkage.state.catalog_state import (
    append,
    get_meta,
    one_row,
    read_columns,
    set_meta,
    update_rows,
)
from linkage.state.decisions import fresh_decisions, note_changed_records, refresh_fingerprints
from linkage.state.fingerprints import compared_cells, fingerprints
from linkage.state.models import keep_models
from linkage.state.record_keys import RecordKeys, record_keys
from linkage.version import __version__

if TYPE_CHECKING:
    import duckdb

__all__ = ["RunRecords", "begin_run", "record_rows"]


@dataclass(frozen=True)
class RunRecords:
    """What all definitions of a run share, by the rows of its clusters.

    ``renewed`` tells for an update which rows' clusters it may change; None for a run of all.
    """

    keys: RecordKeys
    ids: np.ndarray
    side: np.ndarray
    changed: np.ndarray
    decided: np.ndarray
    other_model: bool
    run: int
    salt: int
    renewed: np.ndarray | None = None


def begin_run(connection: duckdb.DuckDBPyConnection, kind: str, records: int) -> int:
    """Append a run, and return its number.

    Args:
        connection: of a transaction.
        kind: ``match`` or ``decide``.
        records: of the catalog.
    """
    found = one_row(connection, "SELECT coalesce(max(run), 0) + 1 FROM run")
    assert found is not None
    now = datetime.now(UTC).replace(tzinfo=None)
    connection.execute(
        "INSERT INTO run VALUES (?, ?, ?, ?, ?)", [found[0], kind, now, __version__, records]
    )
    return int(found[0])


def record_rows(
    connection: duckdb.DuckDBPyConnection, result: Result, part: np.ndarray | None = None
) -> tuple[RunRecords, list[str]]:
    """Write the records of a run, their cells and models.

    Args:
        connection: of a transaction.
        result: of the run.
        part: numbers of the records that an update covers, deleted ones too; its models are those
            of the state. None for a run of the whole catalog.
    """
    ids = result.id_texts
    n_left = result.run["records"]["left"]
    side = (np.arange(len(ids)) >= n_left).astype(np.int8)
    definitions = result.run["definitions"].values()
    compared = sorted({name for one in definitions for name in one["attributes"]} | _ruling(result))
    cells = compared_cells(result.tables, compared)
    prints = fingerprints(cells, compared)
    known, first_new = _known(connection, part)
    keys = record_keys(ids, side, known, first_new)
    others = one_row(connection, "SELECT count(*) FROM record WHERE retired_run IS NULL")
    assert others is not None
    count = int(others[0]) + int(keys.added.sum()) - len(keys.removed)
    run = begin_run(connection, "match", count)
    old = keys.position >= 0
    before = np.zeros(len(ids), np.uint64)
    before[old] = known["fingerprint"][keys.position[old]]
    changed = old & ~keys.added & (before != prints)
    columns = json.loads(get_meta(connection, "columns") or "[]")
    if columns != compared and len(known["record"]):
        # Records are compared by the columns that both runs have: another column alone changes no
        # record, nor makes a decision about it doubtful.
        common = [name for name in compared if name in columns]
        changed &= _differ(connection, keys, cells, common)
        refresh_fingerprints(connection, ids, side, before, prints, old & ~changed)
    salt = get_meta(connection, "salt")
    if salt is None:
        salt = str(int(np.bitwise_xor.reduce(prints, initial=np.uint64(len(prints)))))
        set_meta(connection, "salt", salt)
    set_meta(connection, "columns", json.dumps(compared))
    _write_records(connection, keys, ids, side, prints, changed, run)
    _write_cells(connection, keys, cells, changed, same_columns=columns == compared)
    other_model = part is None and keep_models(connection, result)
    decided = fresh_decisions(connection, ids, side, run)
    notes = note_changed_records(connection, ids, side, prints)
    return RunRecords(keys, ids, side, changed, decided, other_model, run, int(salt)), notes


def _known(
    connection: duckdb.DuckDBPyConnection, part: np.ndarray | None
) -> tuple[dict[str, np.ndarray], int]:
    """Return the records of the state, or a part of them, and the number of the next one."""
    query = "SELECT record, side, id, fingerprint, retired_run IS NOT NULL AS retired FROM record"
    last = one_row(connection, "SELECT coalesce(max(record), -1) FROM record")
    assert last is not None
    if part is None:
        return read_columns(connection, query), int(last[0]) + 1
    connection.register("part", pa.table({"record": part}))
    known = read_columns(connection, f"{query} WHERE record IN (SELECT record FROM part)")
    connection.unregister("part")
    return known, int(last[0]) + 1


def _ruling(result: Result) -> set[str]:
    """Return the columns that decide matches uncompared: sources, and those of rules."""
    config = result.config
    if config is None:
        return set()
    rules = [rule for one in config.match.values() for rule in (*one.must, *one.cannot)]
    tables = [table for table in result.tables if table is not None]
    present = {name for table in tables for name in table.column_names}
    return present & {config.catalog.source, *(rule.column for rule in rules)}


def _differ(
    connection: duckdb.DuckDBPyConnection, keys: RecordKeys, cells: pa.Table, common: list[str]
) -> np.ndarray:
    """Return which records state other cells in some columns than the state has; bool[n]."""
    stored = connection.sql("SELECT * FROM cell ORDER BY record").to_arrow_table()
    records = stored.column("record").to_numpy()
    now, then = fingerprints(cells, common), fingerprints(stored, common)
    at = np.minimum(np.searchsorted(records, keys.record), max(len(records) - 1, 0))
    here = (records[at] == keys.record) if len(records) else np.zeros(len(now), bool)
    return np.asarray(here & (then[at] != now)) if len(records) else here


def _write_records(
    connection: duckdb.DuckDBPyConnection,
    keys: RecordKeys,
    ids: np.ndarray,
    side: np.ndarray,
    prints: np.ndarray,
    changed: np.ndarray,
    run: int,
) -> None:
    """Add new records, mark those deleted, and renew those that changed or are back."""
    new = np.flatnonzero(keys.position < 0)
    new = new[np.argsort(keys.record[new])]
    append(
        connection, "record",
        record=pa.array(keys.record[new], pa.int32()), side=pa.array(side[new], pa.uint8()),
        id=pa.array(ids[new], pa.string()), fingerprint=pa.array(prints[new], pa.uint64()),
        first_run=pa.array(np.full(len(new), run), pa.int32()),
        changed_run=pa.array(np.full(len(new), run), pa.int32()),
        retired_run=pa.nulls(len(new), pa.int32()),
    )  # fmt: skip
    old = keys.position >= 0
    renewed = np.flatnonzero(old & (changed | keys.added))
    update_rows(connection, "record", "record", keys.record[renewed], "fingerprint = v.value, "
            f"changed_run = {run}, retired_run = NULL", prints[renewed])  # fmt: skip
    update_rows(connection, "record", "record", keys.removed, f"retired_run = {run}")


def _write_cells(
    connection: duckdb.DuckDBPyConnection,
    keys: RecordKeys,
    cells: pa.Table,
    changed: np.ndarray,
    *,
    same_columns: bool,
) -> None:
    """Store the cells of new and changed records, and drop those of deleted ones."""
    rows = np.flatnonzero(keys.added | changed) if same_columns else np.arange(len(keys.record))
    rows = rows[np.argsort(keys.record[rows])]
    own = cells.take(pa.array(rows)).add_column(
        0, "record", pa.array(keys.record[rows], pa.int32())
    )
    connection.register("cells", own)
    if same_columns:
        dropped = np.concatenate([keys.removed, keys.record[rows]])
        connection.register("dropped", pa.table({"record": dropped}))
        connection.execute("DELETE FROM cell WHERE record IN (SELECT record FROM dropped)")
        connection.unregister("dropped")
        if len(rows):
            connection.execute("INSERT INTO cell SELECT * FROM cells")
    else:
        connection.execute("CREATE OR REPLACE TABLE cell AS SELECT * FROM cells")
    connection.unregister("cells")
