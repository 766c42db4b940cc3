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
from linkage.state.catalog_state import CatalogState, one_row, read_columns
from linkage.state.cluster_ids import cluster_names, inherited_ids
from linkage.state.cluster_rows import (
    definition_number,
    successor_of,
    write_assignment,
    write_clusters,
    write_events,
    write_pairs,
)
from linkage.state.events import Circumstances, events_between
from linkage.state.run_records import RunRecords, record_rows

if TYPE_CHECKING:
    import duckdb

    from linkage.results.run_account import RunAccount

__all__ = ["record_run"]

#: Share of the threshold from which pairs are kept, as results keep them.
_NEAR = 0.1


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
        names, columns = list(result.run["definitions"]), {}
        for name in names:
            columns[name] = _record_definition(connection, result, rows, name)
    return _named(result, columns, notes)


def _record_definition(
    connection: duckdb.DuckDBPyConnection, result: Result, rows: RunRecords, name: str
) -> np.ndarray:
    """Write the clusters of a definition and their events; return the id of each row's cluster."""
    number = definition_number(connection, result, name)
    keys, n = rows.keys, len(rows.ids)
    labels, rank = _labels(result, rows, name)
    before = read_columns(
        connection, f"SELECT record, cluster FROM assignment WHERE definition = {number}"
    )
    was = np.full(int(max(keys.record.max(initial=-1), before["record"].max(initial=-1))) + 1, -1)
    was[before["record"]] = before["cluster"]
    was = successor_of(connection)[was]  # of a record that is back: what its cluster is called now
    old = was[keys.record]
    inherited = inherited_ids(old, labels, rank)
    found = one_row(connection, "SELECT coalesce(max(cluster), -1) + 1 FROM cluster")
    assert found is not None
    fresh = np.flatnonzero(inherited < 0)
    fresh = fresh[np.argsort(rank[fresh])]
    inherited[fresh] = found[0] + np.arange(len(fresh))
    new = inherited[labels]

    # All records that were or are there, those of the run first.
    every_old = np.concatenate([np.where(keys.added, -1, old), was[keys.removed]])
    every_new = np.concatenate([new, np.full(len(keys.removed), -1)])
    records = np.concatenate([keys.record, keys.removed])
    # Events do not depend on the order of the catalog's rows.
    order = np.argsort(records)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    left, right, score = _pairs(result, name)
    removed = np.zeros(len(keys.removed), bool)
    circumstances = Circumstances(
        np.concatenate([keys.added, removed])[order],
        np.concatenate([rows.changed, removed])[order],
        np.concatenate([rows.decided, np.full(len(removed), -1)])[order],
        rows.other_model,
        np.minimum(place[left], place[right]),
        np.maximum(place[left], place[right]),
        score,
    )
    events = events_between(every_old[order], every_new[order], circumstances)
    write_events(connection, events, records[order], number, rows.run)
    write_clusters(connection, inherited[fresh], every_old, every_new, number, rows)
    moved = np.flatnonzero(old != new)
    write_assignment(connection, keys.record[moved], new[moved], number)
    write_pairs(connection, keys.record[left], keys.record[right], score, number)
    return cluster_names(new, rows.salt) if n else np.empty(0, object)


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
    least = _NEAR * result.run["definitions"][name]["threshold"]
    together = np.asarray(scored.columns[f"{prefix}match"])
    near = np.flatnonzero((score >= least) | (together & ~np.isnan(score)))
    return scored.left[near], scored.right[near], score[near].astype(np.float32)


def _named(result: Result, columns: dict[str, np.ndarray], notes: list[str]) -> Result:
    """Return a result with other names of clusters, and more notes."""
    definitions = result.run["definitions"]
    clusters, groups = result.clusters.copy(), result.groups
    renamed: dict[str, pd.Series] = {}
    for name, column in columns.items():
        own = cluster_column(name, definitions)
        renamed[name] = pd.Series(column, clusters[own]).groupby(level=0, sort=False).first()
        clusters[own] = column
    if groups is not None:
        groups = groups.copy()
        for name, names in renamed.items():
            rows = (groups["definition"] == name).to_numpy()
            groups.loc[rows, "cluster_id"] = names[groups["cluster_id"][rows]].to_numpy()
    run = cast("RunAccount", {**result.run, "notes": [*result.run["notes"], *notes]})
    return replace(result, clusters=clusters, groups=groups, namesakes={}, run=run)
