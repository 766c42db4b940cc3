"""An update: the delta and the clusters that it touches, matched with the model of the state."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa

from linkage.clustering.decided_pairs import join_pairs
from linkage.config.authored import Config
from linkage.errors import InputError
from linkage.models.model_folder import read_model
from linkage.result import Result
from linkage.state.catalog_state import CatalogState, one_row, read_columns
from linkage.state.changes import changes
from linkage.state.cluster_rows import successor_of
from linkage.state.decisions import read_decisions
from linkage.state.delta import Delta, gather_delta
from linkage.state.models import model_of_state
from linkage.state.recording import assigned_clusters, record_clusters
from linkage.state.run_records import RunRecords, record_rows

if TYPE_CHECKING:
    import duckdb

__all__ = ["Read", "Update", "update_state"]

#: Reads the new rows by the configuration of the state: strings, and the column of their ids.
Read: TypeAlias = Callable[[Config], tuple[pa.Table | None, list[str], str]]
#: Matches a table with the models of a folder, under decisions.
Match: TypeAlias = Callable[[Path, pa.Table, pd.DataFrame], Result]

#: Events by which an id of a cluster ends, or loses records to another.
_CHANGED = ("merged", "split", "moved", "retired")


@dataclass(frozen=True)
class Update:
    """What an update did, or would do.

    Attributes:
        run: its number in the state; None where nothing was written.
        changes: its events, as `linkage.state.changes.changes` returns them.
        new, changed, deleted: records that were.
        unchanged: rows given that the catalog states in the same way already.
        unknown: ids to delete that the catalog does not have.
        compared: records that were compared, those of the delta among them.
        clusters: ids of clusters before.
        moved: of these, those that ended or lost records to others.
    """

    run: int | None
    changes: pd.DataFrame
    new: int
    changed: int
    deleted: int
    unchanged: int
    unknown: int
    compared: int
    clusters: int
    moved: int


def update_state(
    state: CatalogState,
    read: Read,
    match: Match,
    *,
    dry_run: bool = False,
    max_changed: float | None = None,
) -> Update:
    """Bring a delta into a state: only what it touches is compared and clustered.

    The new and changed records, and those of the catalog that they may match, are matched with the
    model and the statistics of the state. Clusters that, before or after, hold a record of the
    delta, and those that they exchange records with, become what this finds; all others stay.

    Args:
        state: of one table.
        read: reads the delta.
        match: matches a table.
        dry_run: whether nothing is to be written.
        max_changed: largest share of the ids of clusters that may end or lose records to others.

    Raises:
        LinkageError: the delta does not fit the state, or changes more than `max_changed`.
    """
    with state.claimed(), tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        with state.reading() as connection:
            model_of_state(connection, folder)
            if not any(folder.iterdir()):
                raise InputError(
                    f"The state {state.path.name} has no model.",
                    hint="Run linkage dedupe CATALOG with --state first.",
                )
            delta = gather_delta(connection, *read(read_model(folder)[0]))
            if delta.is_empty:
                return _account(connection, delta, None, _live_clusters(connection))
            decisions = read_decisions(connection)
        if not delta.table.num_rows:
            raise InputError(
                "The update deletes every record.", hint="Begin another state instead."
            )
        ids = delta.table.column(0).to_pandas()
        held = decisions["left_id"].isin(ids) & decisions["right_id"].isin(ids)
        result = match(folder, delta.table, decisions[held])
        with state.writing(keep=not dry_run) as connection:
            before = _live_clusters(connection)
            rows, _ = record_rows(connection, result, delta.records)
            renewed, namesakes = _renewed(connection, result, rows, delta)
            result = replace(result, namesakes=namesakes)
            record_clusters(connection, result, replace(rows, renewed=renewed))
            account = _account(connection, delta, rows.run, before)
            share = account.moved / max(before, 1)
            if max_changed is not None and share > max_changed:
                raise InputError(
                    f"The update changes {account.moved:,} of {before:,} ids of clusters "
                    f"({share:.2%}), more than {max_changed:.2%}; nothing was written.",
                    hint="Look at them with --dry-run, or raise --max-changed.",
                )
    return replace(account, run=None) if dry_run else account


def _renewed(
    connection: duckdb.DuckDBPyConnection, result: Result, rows: RunRecords, delta: Delta
) -> tuple[np.ndarray, Mapping[str, np.ndarray]]:
    """Return which rows' clusters become new ones, and the namesake of each row's cluster.

    Rows are connected that share a cluster before or after under any definition, so that clusters
    stay nested: a component is as the run found it, or as it was.
    """
    keys, n = rows.keys, len(rows.ids)
    became = successor_of(connection)
    names = connection.execute("SELECT name, definition FROM definition").fetchall()
    width, labels = n + len(keys.removed), np.arange(n + len(keys.removed))
    stored = {name: became[assigned_clusters(connection, number, keys)] for name, number in names}
    for name, was in stored.items():
        old = was[np.concatenate([keys.record, keys.removed])]
        here = np.flatnonzero(old >= 0)
        first, which = np.unique(old[here], return_index=True, return_inverse=True)[1:]
        labels = join_pairs(labels, np.column_stack([here, here[first][which]]))
        if name in result.namesakes:
            new = np.asarray(result.namesakes[name], np.int64)
            labels = join_pairs(labels, np.column_stack([np.arange(n), new]))
    touched = np.ones(width, bool)
    touched[:n] = keys.added | rows.changed | np.isin(rows.ids.astype(str), list(delta.touched))
    reached = np.zeros(width, bool)
    reached[labels[touched]] = True
    renewed = reached[labels][:n]
    namesakes = {}
    for name, given in result.namesakes.items():
        own = np.array(given, np.int64)
        old = stored[name][keys.record] if name in stored else np.full(n, -1)
        rest = np.flatnonzero(~renewed)
        first, which = np.unique(old[rest], return_index=True, return_inverse=True)[1:]
        own[rest] = rest[first][which]
        namesakes[name] = own
    return renewed, namesakes


def _live_clusters(connection: duckdb.DuckDBPyConnection) -> int:
    found = one_row(
        connection,
        "SELECT count(*) FROM cluster WHERE merged_into IS NULL AND retired_run IS NULL",
    )
    assert found is not None
    return int(found[0])


def _account(
    connection: duckdb.DuckDBPyConnection, delta: Delta, run: int | None, before: int
) -> Update:
    """Return what an update did by the events of its run; None where it had nothing to do."""
    if run is None:
        last = one_row(connection, "SELECT coalesce(max(run), 0) FROM run")
        assert last is not None
        found, moved = changes(connection, int(last[0])), 0
    else:
        found = changes(connection, run - 1)
        kinds = ", ".join(f"'{kind}'" for kind in _CHANGED)
        query = f"SELECT DISTINCT old FROM event WHERE run = {run} AND kind IN ({kinds})"
        moved = len(read_columns(connection, query)["old"])
    return Update(
        run, found, delta.new, delta.changed, delta.deleted, delta.unchanged, delta.unknown,
        delta.table.num_rows if run is not None else 0, before, moved,
    )  # fmt: skip
