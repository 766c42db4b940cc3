"""What changed in the clusters of a catalog: the event log with ids in place of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from linkage.errors import InputError
from linkage.state.catalog_state import one_row
from linkage.state.events import replay

if TYPE_CHECKING:
    import duckdb

__all__ = ["CHANGE_COLUMNS", "changes", "latest_match", "replayed"]

#: Columns of the table of changes.
CHANGE_COLUMNS = (
    "run", "definition", "kind", "old_id", "new_id", "records", "cause", "left_id", "right_id",
    "score", "decision", "who", "why",
)  # fmt: skip


def changes(connection: duckdb.DuckDBPyConnection, since: int | None = None) -> pd.DataFrame:
    """Return the events after a run, in their order: ``CHANGE_COLUMNS``.

    ``old_id`` and ``new_id`` are ids of clusters, ``records`` the ids of the records concerned in a
    list, ``left_id, right_id, score`` the scored pair that speaks of the event; in a state of two
    tables ids of records are ``left:ID`` and ``right:ID``.

    Args:
        connection: of a state.
        since: number of the run after which events are listed; all but those of the latest match
            before by default.

    Raises:
        InputError: there is no such run.
    """
    if since is None:
        since = latest_match(connection) - 1
    last = one_row(connection, "SELECT coalesce(max(run), 0) FROM run")
    assert last is not None
    if not 0 <= since <= last[0]:
        raise InputError(
            f"There is no run {since}; the latest is {last[0]}.",
            hint="Give --since a run of the state; 0 lists all events.",
        )
    rows = connection.execute(
        "WITH chosen AS (SELECT * FROM event WHERE run > ?), "
        "members AS (SELECT m.event, list(r.name ORDER BY r.side, r.id) AS ids FROM "
        "(SELECT event, unnest(records) AS record FROM chosen) m JOIN named r USING (record) "
        "GROUP BY m.event) "
        "SELECT e.run, d.name AS definition, e.kind::VARCHAR AS kind, o.id AS old_id, "
        "n.id AS new_id, m.ids AS records, e.cause::VARCHAR AS cause, "
        "coalesce(q.left_id, a.name) AS left_id, coalesce(q.right_id, b.name) AS right_id, "
        "e.score, e.decision, q.who, q.why FROM chosen e "
        "LEFT JOIN definition d USING (definition) LEFT JOIN members m ON m.event = e.event "
        "LEFT JOIN cluster o ON o.cluster = e.old LEFT JOIN cluster n ON n.cluster = e.new "
        "LEFT JOIN named a ON a.record = e.left_record "
        "LEFT JOIN named b ON b.record = e.right_record "
        "LEFT JOIN decision q ON q.decision = e.decision ORDER BY e.event",
        [since],
    ).fetchall()
    found = pd.DataFrame(rows, columns=list(CHANGE_COLUMNS), dtype=object)
    return found.astype({"run": "int64", "score": "float64", "decision": "Int64"})


def latest_match(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the number of the latest run that matched the catalog, 0 if there is none."""
    found = one_row(connection, "SELECT coalesce(max(run), 0) FROM run WHERE kind = 'match'")
    assert found is not None
    return int(found[0])


def replayed(connection: duckdb.DuckDBPyConnection) -> dict[int, dict[int, int]]:
    """Return the assignments that the log leads to, see `linkage.state.events.replay`."""
    rows = connection.execute("SELECT definition, kind, new, records FROM event ORDER BY event")
    return replay(rows.fetchall())
