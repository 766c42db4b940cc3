"""The clusters of a definition, their events and its pairs, as rows of a state."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from linkage.result import Result
from linkage.state.catalog_state import append, one_row, read_columns, update_rows
from linkage.state.cluster_ids import cluster_names, successors
from linkage.state.events import Events
from linkage.state.run_records import RunRecords
from linkage.state.schema import CAUSES, KINDS

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "definition_number",
    "renew_pairs",
    "successor_of",
    "write_assignment",
    "write_clusters",
    "write_events",
    "write_pairs",
]


def definition_number(connection: duckdb.DuckDBPyConnection, result: Result, name: str) -> int:
    """Return the number of a definition, written where it is new or other than it was."""
    found = one_row(connection, "SELECT definition FROM definition WHERE name = ?", [name])
    if found is None:
        found = one_row(connection, "SELECT count(*) FROM definition")
    assert found is not None
    account = result.run["definitions"][name]
    authored = {key: account[key] for key in ("ignore", "concepts", "ignore_text")}
    values = [found[0], name, json.dumps(authored), account["threshold"]]
    stored = one_row(connection, "SELECT * FROM definition WHERE definition = ?", found)
    if stored is None or list(stored) != values:
        connection.execute("DELETE FROM definition WHERE definition = ?", [found[0]])
        connection.execute("INSERT INTO definition VALUES (?, ?, ?, ?)", values)
    return int(found[0])


def successor_of(connection: duckdb.DuckDBPyConnection) -> np.ndarray:
    """Return what each cluster became, int64[clusters + 1]; the last place is of -1, none."""
    known = read_columns(
        connection,
        "SELECT cluster, coalesce(merged_into, cluster) AS into_cluster FROM cluster "
        "ORDER BY cluster",
    )
    into = np.append(known["into_cluster"].astype(np.int64), -1)
    while not np.array_equal(into[into], into):
        into = into[into]
    return into


def write_clusters(
    connection: duckdb.DuckDBPyConnection,
    fresh: np.ndarray,
    old: np.ndarray,
    new: np.ndarray,
    number: int,
    rows: RunRecords,
) -> None:
    """Add new clusters, and mark those that others took in or that are no more."""
    split_from = successors(new, old, fresh)
    append(
        connection, "cluster",
        cluster=pa.array(fresh, pa.int32()),
        definition=pa.array(np.full(len(fresh), number), pa.uint8()),
        id=pa.array(cluster_names(fresh, rows.salt), pa.string()),
        first_run=pa.array(np.full(len(fresh), rows.run), pa.int32()),
        split_from=pa.array(split_from, pa.int32(), mask=split_from < 0),
        merged_into=pa.nulls(len(fresh), pa.int32()),
        retired_run=pa.nulls(len(fresh), pa.int32()),
    )  # fmt: skip
    # Whether each cluster has records before and now; the last place is of -1, no cluster.
    there = np.zeros((2, int(max(old.max(initial=-1), new.max(initial=-1))) + 2), bool)
    there[0, old], there[1, new] = True, True
    ended = np.flatnonzero(there[0, :-1] & ~there[1, :-1])
    into = successors(old, new, ended)
    joined, target = ended[into >= 0], into[into >= 0]
    update_rows(connection, "cluster", "cluster", joined, "merged_into = v.value", target)
    retired = ended[into < 0]
    update_rows(connection, "cluster", "cluster", retired, f"retired_run = {rows.run}")
    back = np.setdiff1d(np.flatnonzero(there[1, :-1] & ~there[0, :-1]), fresh)
    update_rows(connection, "cluster", "cluster", back, "retired_run = NULL")


def write_assignment(
    connection: duckdb.DuckDBPyConnection, records: np.ndarray, clusters: np.ndarray, number: int
) -> None:
    order = np.argsort(records)
    records, clusters = records[order], clusters[order]
    rows = pa.table({"record": records})
    connection.register("moved", rows)
    connection.execute(
        f"DELETE FROM assignment WHERE definition = {number} "
        "AND record IN (SELECT record FROM moved)"
    )
    connection.unregister("moved")
    append(
        connection, "assignment",
        definition=pa.array(np.full(len(records), number), pa.uint8()),
        record=pa.array(records, pa.int32()), cluster=pa.array(clusters, pa.int32()),
    )  # fmt: skip


def write_pairs(
    connection: duckdb.DuckDBPyConnection,
    left: np.ndarray,
    right: np.ndarray,
    score: np.ndarray,
    number: int,
) -> None:
    """Replace the pairs of a definition, where they are others."""
    left, right = np.minimum(left, right), np.maximum(left, right)
    order = np.lexsort((right, left))
    left, right, score = left[order], right[order], score[order]
    stored = read_columns(
        connection, "SELECT left_record, right_record, score FROM pair "
        f"WHERE definition = {number} ORDER BY left_record, right_record",
    )  # fmt: skip
    same = zip(stored.values(), (left, right, score), strict=True)
    if all(np.array_equal(one, other) for one, other in same):
        return
    connection.execute(f"DELETE FROM pair WHERE definition = {number}")
    _append_pairs(connection, left, right, score, number)


def renew_pairs(
    connection: duckdb.DuckDBPyConnection,
    pairs: tuple[np.ndarray, np.ndarray, np.ndarray],
    delta: np.ndarray,
    renewed: np.ndarray,
    number: int,
) -> None:
    """Replace the pairs of a definition that have a record of a delta, or two of renewed clusters.

    Args:
        connection: of a transaction.
        pairs: records of each scored pair, and its score.
        delta: records that are new, changed or deleted.
        renewed: records of the clusters that were formed anew, those of the delta among them.
        number: of the definition.
    """
    for name, records in (("delta", delta), ("renewed", renewed)):
        connection.register(name, pa.table({"record": records}))
    one, other = (f"{end}_record IN (SELECT record FROM {{}})" for end in ("left", "right"))
    connection.execute(
        f"DELETE FROM pair WHERE definition = {number} AND ({one.format('delta')} OR "
        f"{other.format('delta')} OR ({one.format('renewed')} AND {other.format('renewed')}))"
    )
    for name in ("delta", "renewed"):
        connection.unregister(name)
    left, right = np.minimum(*pairs[:2]), np.maximum(*pairs[:2])
    use = np.isin(left, delta) | np.isin(right, delta)
    use |= np.isin(left, renewed) & np.isin(right, renewed)
    chosen = np.flatnonzero(use)
    chosen = chosen[np.lexsort((right[chosen], left[chosen]))]
    _append_pairs(connection, left[chosen], right[chosen], pairs[2][chosen], number)


def _append_pairs(
    connection: duckdb.DuckDBPyConnection,
    left: np.ndarray,
    right: np.ndarray,
    score: np.ndarray,
    number: int,
) -> None:
    append(
        connection, "pair",
        definition=pa.array(np.full(len(left), number), pa.uint8()),
        left_record=pa.array(left, pa.int32()), right_record=pa.array(right, pa.int32()),
        score=pa.array(score, pa.float32()),
    )  # fmt: skip


def write_events(
    connection: duckdb.DuckDBPyConnection,
    events: Events,
    records: np.ndarray,
    number: int,
    run: int,
) -> None:
    """Append events to the log."""
    found = one_row(connection, "SELECT coalesce(max(event), -1) + 1 FROM event")
    assert found is not None
    count = len(events)

    def numbers(values: np.ndarray, mask: np.ndarray | None = None) -> pa.Array:
        return pa.array(values, pa.int32(), mask=values < 0 if mask is None else mask)

    def of_record(rows: np.ndarray) -> pa.Array:
        none = rows < 0
        return numbers(records[np.where(none, 0, rows)] if len(records) else rows, none)

    lists = pa.ListArray.from_arrays(
        pa.array(events.bounds, pa.int32()), pa.array(records[events.records], pa.int32())
    )
    append(
        connection, "event",
        event=pa.array(found[0] + np.arange(count), pa.int32()),
        run=pa.array(np.full(count, run), pa.int32()),
        definition=pa.array(np.full(count, number), pa.uint8()),
        kind=pa.array(np.array(KINDS, object)[events.kind], pa.string()),
        old=numbers(events.old), new=numbers(events.new), records=lists,
        cause=pa.array(np.array(CAUSES, object)[events.cause], pa.string()),
        left_record=of_record(events.left), right_record=of_record(events.right),
        score=pa.array(events.score, pa.float32(), mask=np.isnan(events.score)),
        decision=numbers(events.decision),
    )  # fmt: skip
