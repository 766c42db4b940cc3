"""Decisions on clusters and pairs, as decisions on pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from linkage.errors import InputError, shorten
from linkage.io.decision_tables import DIFFERENT, SAME, decision_table
from linkage.state.catalog_state import one_row
from linkage.state.decisions import definitions_of

if TYPE_CHECKING:
    import duckdb

__all__ = ["merge_pairs", "pairs_of_clusters", "split_pairs"]


def pairs_of_clusters(
    connection: duckdb.DuckDBPyConnection, ids: Sequence[str], verb: str, definition: str | None
) -> pd.DataFrame:
    """Return the decisions on pairs by which clusters are merged or split.

    Args:
        connection: of a state.
        ids: of clusters or records. ``merge``: all that they name come together. ``split``: one
            cluster falls apart into its records; or the records named, of one cluster, leave it.
        verb: ``merge`` or ``split``.
        definition: the match definition; the strictest if None.

    Raises:
        InputError: an id names nothing, or a split nothing to split.
    """
    definition = definition or definitions_of(connection)[0].name
    groups = [_members(connection, one, definition) for one in ids]
    if verb == "merge":
        if len(groups) < 2:
            raise InputError("--merge needs two ids or more, of clusters or records.")
        pairs, answer = merge_pairs(groups), SAME
    else:
        cluster = _cluster_of(connection, groups, definition)
        pairs, answer = split_pairs([one for group in groups for one in group], cluster), DIFFERENT
        if not pairs:
            raise InputError(f"There is nothing to split: {shorten(ids[0])} is alone.")
    frame = pd.DataFrame(pairs, columns=["left_id", "right_id"])
    return decision_table(frame.assign(answer=answer, definition=definition))


def merge_pairs(groups: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """Return pairs that connect all members of some clusters: each with the first of the first.

    Example:
        >>> merge_pairs([["a", "b"], ["c"]])
        [('a', 'b'), ('a', 'c')]
    """
    members = list(dict.fromkeys(one for group in groups for one in group))
    return [(members[0], one) for one in members[1:]]


def split_pairs(leaving: Sequence[str], cluster: Sequence[str]) -> list[tuple[str, str]]:
    """Return pairs that part some records from the rest of their cluster; all of it if all leave.

    Example:
        >>> split_pairs(["a", "b"], ["a", "b", "c"])
        [('a', 'c'), ('b', 'c')]
        >>> split_pairs(["a", "b"], ["a", "b"])
        [('a', 'b')]
    """
    rest = [one for one in cluster if one not in set(leaving)]
    if rest:
        return [(one, other) for one in leaving for other in rest]
    return [(one, other) for k, one in enumerate(leaving) for other in leaving[k + 1 :]]


def _members(connection: duckdb.DuckDBPyConnection, one: str, definition: str) -> list[str]:
    """Return the records of a cluster, or the record, that an id names."""
    row = one_row(connection, "SELECT now_id FROM alias WHERE id = ?", [one])
    if row is not None:
        return _records(connection, "cluster_id = ? AND definition = ?", [row[0], definition])
    found = _records(connection, "definition = ?", [definition], named=one)
    if not found:
        raise InputError(
            f"{shorten(one)} is neither a cluster nor a record under {definition}.",
            hint="Ids of clusters stand in clusters.csv of the latest run with this state.",
        )
    return found[:1]


def _cluster_of(
    connection: duckdb.DuckDBPyConnection, groups: Sequence[Sequence[str]], definition: str
) -> list[str]:
    """Return the records of the one cluster that all records named are of."""
    found = {
        tuple(
            _records(
                connection,
                "definition = ? AND cluster_id IN (SELECT cluster_id FROM current WHERE name = ? "
                "AND definition = ?)",
                [definition, one, definition],
            )
        )
        for group in groups
        for one in group
    }
    if len(found) != 1:
        raise InputError(
            "The records to split are of several clusters.", hint="Split one at a time."
        )
    return list(found.pop())


def _records(
    connection: duckdb.DuckDBPyConnection, where: str, values: list[str], named: str | None = None
) -> list[str]:
    """Return the names of records of the catalog, in a state of two tables with their table's."""
    if named is not None:
        where, values = f"{where} AND (name = ? OR id = ?)", [*values, named, named]
    query = f"SELECT name FROM current WHERE {where} ORDER BY side, id"
    rows = connection.execute(query, values).fetchall()
    return [str(name) for (name,) in rows]
