"""Recording a run: ids for its clusters, and what it changed, in one transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from linkage.result import Result
from linkage.results.column_names import cluster_column, column_prefix
from linkage.results.pair_table import FAR
from linkage.state.catalog_state import CatalogState, one_row, read_columns
from linkage.state.cluster_ids import cluster_names, inherited_ids
from linkage.state.cluster_rows import (
    definition_number,
    renew_pairs,
    successor_of,
    write_assignment,
    write_clusters,
    write_events,
    write_pairs,
)
from linkage.state.events import Circumstances, events_between
from linkage.state.record_keys import RecordKeys
from linkage.state.run_records import RunRecords, record_rows

if TYPE_CHECKING:
    import duckdb

    from linkage.results.run_account import RunAccount

__all__ = ["assigned_clusters", "record_clusters", "record_run"]


def record_run(state: CatalogState, result: Result) -> Result:
    """Write a run into a state, and return its result with the ids that its clusters have there.

    The same catalog and models once more add a run, and no event. The state is written before the
    results: where a program is killed in between, the same run again finds nothing changed, and
    writes the results.

    Args:
        state: the state.
        result: of `linkage.Linker.match`, its clusters named by their members.

    Raises:
        LinkageError: the state cannot be written.
    """
    with state.writing() as connection:
        rows, notes = record_rows(connection, result)
        columns = record_clusters(connection, result, rows)
        counts = connection.execute(
            "SELECT kind::VARCHAR, count(*) FROM event WHERE run = ? GROUP BY kind ORDER BY kind",
            [rows.run],
        ).fetchall()
    told = ", ".join(f"{count:,} {kind}" for kind, count in counts) or "no change"
    return _named(result, columns, [f"run {rows.run} of {state.path.name}: {told}.", *notes])


def record_clusters(
    connection: duckdb.DuckDBPyConnection, result: Result, rows: RunRecords
) -> dict[str, np.ndarray]:
    """Write clusters, events and pairs of all definitions; return the id of each row's cluster."""
    columns = {
        name: _record_definition(connection, result, rows, name)
        for name in result.run["definitions"]
    }
    matched = ", ".join("?" * len(columns))
    others = connection.execute(
        f"SELECT definition FROM definition WHERE name NOT IN ({matched})", list(columns)
    ).fetchall()
    for (number,) in others:
        _record_absent(connection, rows, number)
    return columns


def _record_definition(
    connection: duckdb.DuckDBPyConnection, result: Result, rows: RunRecords, name: str
) -> np.ndarray:
    """Write the clusters of a definition and their events; return the id of each row's cluster."""
    number = definition_number(connection, result, name)
    keys = rows.keys
    labels, rank = _labels(result, rows, name)
    stored = assigned_clusters(connection, number, keys)
    was = successor_of(connection)[stored]  # of a record that is back: what its cluster is now
    new = inherited_ids(was[keys.record], labels, rank)
    found = one_row(connection, "SELECT coalesce(max(cluster), -1) + 1 FROM cluster")
    assert found is not None
    fresh = np.flatnonzero(new < 0)
    fresh = fresh[np.argsort(rank[fresh])]
    new[fresh] = found[0] + np.arange(len(fresh))
    fresh, names, new = new[fresh], cluster_names(new, rows.salt), new[labels]
    left, right, score = _pairs(result, name)
    _write_changes(connection, rows, number, was, new, fresh, (left, right, score))
    moved = np.flatnonzero(stored[keys.record] != new)
    write_assignment(connection, keys.record[moved], new[moved], number)
    pairs = keys.record[left], keys.record[right], score
    if rows.renewed is None:
        write_pairs(connection, *pairs, number)
    else:
        delta = np.concatenate([keys.record[keys.added | rows.changed], keys.removed])
        renewed = np.concatenate([keys.record[rows.renewed], keys.removed])
        renew_pairs(connection, pairs, delta, renewed, number)
    return np.asarray(names[labels])


def _record_absent(connection: duckdb.DuckDBPyConnection, rows: RunRecords, number: int) -> None:
    """Write what deleted records, and those that are back, change for a definition not matched."""
    stored = assigned_clusters(connection, number, rows.keys)
    was, none = successor_of(connection)[stored], np.empty(0, np.int64)
    new = was[rows.keys.record]
    _write_changes(connection, rows, number, was, new, none, (none, none, np.empty(0)))
    moved = np.flatnonzero(stored[rows.keys.record] != new)
    write_assignment(connection, rows.keys.record[moved], new[moved], number)


def assigned_clusters(
    connection: duckdb.DuckDBPyConnection, number: int, keys: RecordKeys
) -> np.ndarray:
    """Return the cluster of each record under a definition as stored, int64; -1 = none."""
    known = read_columns(
        connection, f"SELECT record, cluster FROM assignment WHERE definition = {number}"
    )
    largest = (part.max(initial=-1) for part in (keys.record, keys.removed, known["record"]))
    out = np.full(int(max(largest)) + 1, -1, np.int64)
    out[known["record"]] = known["cluster"]
    return out


def _write_changes(
    connection: duckdb.DuckDBPyConnection,
    rows: RunRecords,
    number: int,
    was: np.ndarray,
    new: np.ndarray,
    fresh: np.ndarray,
    pairs: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    """Write the events of a definition, and what becomes of its clusters.

    Args:
        connection: of a transaction.
        rows: the records of the run.
        number: of the definition.
        was: cluster of each record of the state, -1 = none.
        new: cluster of each row of the run.
        fresh: clusters that are new.
        pairs: scored pairs, rows and scores.
    """
    keys = rows.keys
    records = np.concatenate([keys.record, keys.removed])
    removed = np.zeros(len(keys.removed), bool)
    old = np.where(np.concatenate([keys.added, removed]), -1, was[records])
    every_new = np.concatenate([new, np.full(len(keys.removed), -1)])
    # Events do not depend on the order of the catalog's rows.
    order = np.argsort(records)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    left, right = place[pairs[0]], place[pairs[1]]
    circumstances = Circumstances(
        np.concatenate([keys.added, removed])[order],
        np.concatenate([rows.changed, removed])[order],
        np.concatenate([rows.decided, np.full(len(removed), -1)])[order],
        rows.other_model,
        np.minimum(left, right),
        np.maximum(left, right),
        pairs[2],
    )
    events = events_between(old[order], every_new[order], circumstances)
    write_events(connection, events, records[order], number, rows.run)
    write_clusters(connection, fresh, old, every_new, number, rows)


def _labels(result: Result, rows: RunRecords, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the cluster of each row, from 0, and the place of its smallest record; see below.

    Clusters of a result are named by their smallest record, left ones before right ones.
    """
    first, labels = np.unique(result.namesakes[name], return_inverse=True)
    keys = {"side": pa.array(rows.side[first]), "id": pa.array(rows.ids[first], pa.string())}
    by_id = [(key, "ascending") for key in keys]
    rank = np.empty(len(first), np.int64)
    rank[pc.sort_indices(pa.table(keys), sort_keys=by_id).to_numpy()] = np.arange(len(first))
    return labels.ravel(), rank


def _pairs(result: Result, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the pairs of a definition near and above its threshold, rows and scores."""
    scored, prefix = result.scored, column_prefix(name, result.run["definitions"])
    score = np.asarray(scored.columns[f"{prefix}score"])
    least = FAR * result.run["definitions"][name]["threshold"]
    together = np.asarray(scored.columns[f"{prefix}match"])
    near = np.flatnonzero((score >= least) | (together & ~np.isnan(score)))
    return scored.left[near], scored.right[near], score[near].astype(np.float32)


def _named(result: Result, columns: dict[str, np.ndarray], notes: list[str]) -> Result:
    """Return a result with other names of clusters, and more notes."""
    definitions = result.run["definitions"]
    clusters, groups = result.clusters.copy(), result.groups
    if groups is not None:
        groups = groups.copy()
    for name, column in columns.items():
        own = cluster_column(name, definitions)
        rows = None if groups is None else (groups["definition"] == name).to_numpy()
        if groups is not None and rows is not None and rows.any():
            names = pd.Series(column, clusters[own]).groupby(level=0, sort=False).first()
            groups.loc[rows, "cluster_id"] = names[groups["cluster_id"][rows]].to_numpy()
        clusters[own] = column
    run = cast("RunAccount", {**result.run, "notes": [*result.run["notes"], *notes]})
    return replace(result, clusters=clusters, groups=groups, namesakes={}, run=run)
