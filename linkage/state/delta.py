"""The delta of an update: new, changed and deleted records, and what they may touch."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from linkage.clustering.decided_pairs import join_pairs
from linkage.errors import InputError, shorten
from linkage.state.candidates import likely_matches
from linkage.state.catalog_state import get_meta, one_row, read_columns
from linkage.state.cluster_rows import successor_of
from linkage.state.fingerprints import compared_cells, fingerprints

if TYPE_CHECKING:
    import duckdb

__all__ = ["Delta", "gather_delta"]

#: Fewest rows that are matched: of a catalog of one row nothing is told.
_LEAST_ROWS = 2


@dataclass(frozen=True)
class Delta:
    """What an update compares: the delta, and the part of the catalog that it may touch.

    Attributes:
        table: rows of the part, after the update: the id column, then the compared columns.
        new, changed, deleted: how many records.
        unchanged, unknown: rows given as they are, and ids to delete that the catalog lacks.
        records: numbers of the stored records of the part, int64, deleted ones too.
        touched: ids of new and changed records, and of those decided since the latest match.
    """

    table: pa.Table
    new: int
    changed: int
    deleted: int
    unchanged: int
    unknown: int
    records: np.ndarray
    touched: frozenset[str]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.touched and not self.deleted


def gather_delta(
    connection: duckdb.DuckDBPyConnection,
    given: pa.Table | None,
    delete: list[str],
    id_column: str,
) -> Delta:
    """Return the delta of rows and ids to delete.

    The part of the catalog holds the records that a new or changed one may match, and with every
    record the whole of its clusters under all definitions and its decided partners.

    Args:
        connection: of a state of one table.
        given: new and changed rows, strings, with their ids; None for none.
        delete: ids of records to delete.
        id_column: of the ids.

    Raises:
        InputError: the state is of two tables, a column is missing, an id is given twice.
    """
    sides = one_row(connection, "SELECT coalesce(max(side), 0) FROM record")
    if sides is not None and sides[0]:
        raise InputError(
            "A state of two tables cannot be updated in parts.",
            hint="Run linkage link LEFT RIGHT with --state again.",
        )
    columns = json.loads(get_meta(connection, "columns") or "[]")
    empty = pa.table({name: pa.array([], pa.string()) for name in [id_column, *columns]})
    given = empty if given is None else given
    missing = [name for name in columns if name not in given.column_names]
    if missing:
        raise InputError(
            f"The new rows lack {', '.join(missing)}, which the catalog compares.",
            hint="Give new and changed rows with all columns of the catalog.",
        )
    cells, ids = compared_cells([given], columns), given.column(id_column).to_pylist()
    both = set(ids) & set(delete)
    if both:
        raise InputError(
            f"{shorten(min(both), 40)} is both a row and to be deleted.", hint="Give it once."
        )
    known = _stored(connection, [*ids, *delete])
    record, retired = known["record"], known["retired"]
    k, prints = len(ids), fingerprints(cells, columns)
    same = (record[:k] >= 0) & ~retired[:k] & (known["fingerprint"][:k] == prints)
    rows = np.flatnonzero(~same)
    gone = np.unique(record[k:][(record[k:] >= 0) & ~retired[k:]])
    fresh = _freshly_decided(connection)
    likely = np.empty(0, np.int64)
    if len(rows):
        likely = np.unique(likely_matches(connection, cells.take(pa.array(rows)), columns)[1])
    own = record[rows][record[rows] >= 0]
    seeds = np.concatenate([own, gone, fresh, likely])
    if len(rows) + len(likely) < _LEAST_ROWS:  # any others, which stay as they are
        seeds = np.concatenate([seeds, _some(connection, np.union1d(own, gone))])
    part = _closed(connection, seeds)
    table = _live_rows(connection, np.setdiff1d(part, np.union1d(own, gone)), id_column, columns)
    delta_ids = pa.array([ids[row] for row in rows], pa.string())
    fresh_rows = cells.take(pa.array(rows)).select(columns).add_column(0, id_column, delta_ids)
    was_there = (record[rows] >= 0) & ~retired[rows]
    touched = {ids[row] for row in rows} | set(_ids(connection, np.setdiff1d(fresh, gone)))
    return Delta(
        pa.concat_tables([table, fresh_rows.cast(table.schema)]),
        int((~was_there).sum()),
        int(was_there.sum()),
        len(gone),
        int(same.sum()),
        int(((record[k:] < 0) | retired[k:]).sum()),
        np.union1d(part, own),
        frozenset(touched),
    )


def _stored(connection: duckdb.DuckDBPyConnection, ids: list[str]) -> dict[str, np.ndarray]:
    """Return number (-1 = none), fingerprint and whether it is deleted of the record of each id."""
    wanted = pa.table({"place": np.arange(len(ids)), "wanted": pa.array(ids, pa.string())})
    connection.register("ids", wanted)
    found = read_columns(
        connection,
        "SELECT coalesce(record, -1) AS record, coalesce(fingerprint, 0) AS fingerprint, "
        "retired_run IS NOT NULL AS retired FROM ids LEFT JOIN record ON id = wanted "
        "ORDER BY place",
    )
    connection.unregister("ids")
    return {**found, "record": found["record"].astype(np.int64)}


def _freshly_decided(connection: duckdb.DuckDBPyConnection) -> np.ndarray:
    """Return the live records of decisions made or undone since the latest match."""
    query = (
        "WITH fresh AS (SELECT * FROM decision WHERE greatest(run, coalesce(undone_run, 0)) > "
        "(SELECT coalesce(max(run), 0) FROM run WHERE kind = 'match')) SELECT record FROM record "
        "WHERE retired_run IS NULL AND (id IN (SELECT left_id FROM fresh) "
        "OR id IN (SELECT right_id FROM fresh)) ORDER BY record"
    )
    return read_columns(connection, query)["record"].astype(np.int64)


def _closed(connection: duckdb.DuckDBPyConnection, seeds: np.ndarray) -> np.ndarray:
    """Return records with all that share a cluster or a decision with them, chains included.

    Of deleted records those among the seeds alone count: they may come back to their cluster.
    """
    count = one_row(connection, "SELECT coalesce(max(record), -1) + 1 FROM record")
    live = read_columns(connection, "SELECT record FROM record WHERE retired_run IS NULL")
    assigned = read_columns(connection, "SELECT record, cluster FROM assignment")
    decided = read_columns(
        connection, "SELECT a.record AS one, b.record AS other FROM decision q "
        "JOIN record a ON a.id = q.left_id JOIN record b ON b.id = q.right_id "
        "WHERE q.undone_run IS NULL AND a.retired_run IS NULL AND b.retired_run IS NULL",
    )  # fmt: skip
    assert count is not None
    n = int(count[0])
    own = np.zeros(n, bool)
    own[live["record"]] = own[seeds] = True
    use = own[assigned["record"]]
    became = successor_of(connection)
    edges = [
        np.column_stack([assigned["record"][use], n + became[assigned["cluster"][use]]]),
        np.column_stack([decided["one"], decided["other"]]),
    ]
    labels = join_pairs(np.arange(n + len(became)), np.concatenate(edges).astype(np.int64))
    wanted = np.zeros(len(labels), bool)
    wanted[labels[seeds]] = True
    return np.flatnonzero(wanted[labels[:n]] & own)


def _live_rows(
    connection: duckdb.DuckDBPyConnection, records: np.ndarray, id_column: str, columns: list[str]
) -> pa.Table:
    """Return the id and cells of records, in the order of their numbers."""
    listed = ", ".join('"{}"'.format(name.replace('"', '""')) for name in columns)
    connection.register("part", pa.table({"record": records}))
    query = (
        f"SELECT r.id, {listed} FROM part JOIN cell USING (record) JOIN record r USING (record) "
        "ORDER BY record"
    )
    table = connection.sql(query).to_arrow_table().rename_columns([id_column, *columns])
    connection.unregister("part")
    return table.cast(pa.schema([(name, pa.string()) for name in table.column_names]))


def _ids(connection: duckdb.DuckDBPyConnection, records: np.ndarray) -> list[str]:
    connection.register("part", pa.table({"record": records}))
    rows = connection.execute("SELECT id FROM part JOIN record USING (record)").fetchall()
    connection.unregister("part")
    return [str(one) for (one,) in rows]


def _some(connection: duckdb.DuckDBPyConnection, besides: np.ndarray) -> np.ndarray:
    """Return a few live records besides some."""
    live = read_columns(
        connection, "SELECT record FROM record WHERE retired_run IS NULL ORDER BY record "
        f"LIMIT {len(besides) + _LEAST_ROWS}",
    )["record"]  # fmt: skip
    return np.setdiff1d(live, besides)[:_LEAST_ROWS].astype(np.int64)
