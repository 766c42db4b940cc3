"""The decisions of a state: made, undone, and handed to runs."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from linkage.config.match_definition import MatchDefinition
from linkage.errors import InputError, nearest_hint, shorten
from linkage.io.decision_tables import DECISION_COLUMNS, rows_named
from linkage.pipeline.decisions import refuse_contradictions
from linkage.state.catalog_state import CatalogState, append, one_row

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "add_decisions",
    "decisions_of_state",
    "definitions_of",
    "fresh_decisions",
    "note_changed_records",
    "read_decisions",
    "refresh_fingerprints",
    "undo_decision",
]
_ENDS = ("left", "right")


def definitions_of(connection: duckdb.DuckDBPyConnection) -> list[MatchDefinition]:
    """Return the match definitions of a state, as far as their nesting goes, strictest first."""
    rows = connection.execute("SELECT name, authored FROM definition ORDER BY definition")
    found = []
    for name, authored in rows.fetchall():
        lists = {key: tuple(values) for key, values in json.loads(authored).items()}
        ignored = (lists["ignore"], lists["concepts"], lists["ignore_text"])
        found.append(MatchDefinition(name, ignored[0], concepts=ignored[1], ignore_text=ignored[2]))
    return sorted(found, key=lambda one: len(one.ignores))


def read_decisions(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return the decisions that hold: ``decision`` and ``DECISION_COLUMNS``, oldest first."""
    listed = ", ".join(f'"{name}"' for name in DECISION_COLUMNS)
    frame = connection.execute(
        f"SELECT decision, {listed} FROM decision WHERE undone_run IS NULL ORDER BY decision"
    ).df()
    return frame.astype(dict.fromkeys(DECISION_COLUMNS, object)).where(frame.notna(), None)


def decisions_of_state(state: CatalogState) -> pd.DataFrame | None:
    """Return the decisions that hold in a state; None where there is no state yet."""
    if not state.exists:
        return None
    with state.reading() as connection:
        return read_decisions(connection)


def _records_of(
    connection: duckdb.DuckDBPyConnection, ids: Sequence[str], *, side: int
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return number, fingerprint and full name of the record that each id names.

    Args:
        connection: of a state.
        ids: as written; in a state of two tables also ``left:ID`` and ``right:ID``.
        side: the table in which an id is sought first.

    Returns:
        int64[k], -1 for none, uint64[k], and names; of ids that name no record as written.
    """
    wanted = pa.table({"place": np.arange(len(ids)), "id": pa.array(list(ids), pa.string())})
    connection.register("wanted", wanted)
    rows = connection.execute(
        "SELECT place, record, fingerprint, name FROM wanted w JOIN named r ON r.id = w.id "
        "OR r.name = w.id ORDER BY place, r.name = w.id, r.side = ?",
        [side],
    ).fetchall()
    connection.unregister("wanted")
    records, prints = np.full(len(ids), -1, np.int64), np.zeros(len(ids), np.uint64)
    names = list(ids)
    for place, record, fingerprint, name in rows:  # the best comes last
        records[place], prints[place], names[place] = record, fingerprint, name
    return records, prints, names


def add_decisions(
    connection: duckdb.DuckDBPyConnection, decisions: pd.DataFrame, run: int
) -> list[int]:
    """Append decisions and their events, and return their numbers.

    What is decided already, in the same way, is not decided twice.

    Args:
        connection: of a transaction.
        decisions: as `linkage.io.decision_tables.decision_table` returns them.
        run: number of the run that makes them.

    Raises:
        InputError: a definition is unknown, or decisions contradict each other.
    """
    definitions = definitions_of(connection)
    names = [one.name for one in definitions]
    decisions = decisions.assign(definition=decisions["definition"].fillna(names[0]))
    for name in decisions["definition"]:
        if name not in names:
            raise InputError(
                f"There is no match definition '{name}' in the state.",
                hint=nearest_hint(str(name), names, "definitions"),
            )
    for side, end in enumerate(_ENDS):
        record, prints, full = _records_of(connection, list(decisions[f"{end}_id"]), side=side)
        print_of = [int(p) if r >= 0 else None for r, p in zip(record, prints, strict=True)]
        decisions[f"{end}_id"], decisions[f"{end}_fingerprint"] = full, print_of
    held = read_decisions(connection)
    known = {_key(one) for one in held.to_dict("records")}
    new: dict[tuple[object, ...], dict[Hashable, object]] = {}
    for one in decisions.astype(object).to_dict("records"):
        if _key(one) not in known:
            new.setdefault(_key(one), one)
    last = one_row(connection, "SELECT coalesce(max(decision), 0) FROM decision")
    assert last is not None
    numbers = last[0] + 1 + np.arange(len(new))
    columns = [*DECISION_COLUMNS, *(f"{end}_fingerprint" for end in _ENDS)]
    frame = pd.DataFrame(list(new.values()), columns=columns, dtype=object)
    frame = frame.assign(decision=numbers)
    whole = pd.concat([held, frame], ignore_index=True) if len(held) else frame
    _refuse(whole, definitions)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    frame["when"] = frame["when"].where(frame["when"].notna(), now)
    append(
        connection, "decision",
        decision=pa.array(numbers, pa.int32()),
        **{
            name: pa.array(frame[name].astype(object).where(frame[name].notna(), None), pa.string())
            for name in ("left_id", "right_id", "answer", "definition", "who", "when", "why")
        },
        run=pa.array(np.full(len(new), run), pa.int32()),
        undone_run=pa.nulls(len(new), pa.int32()),
        left_fingerprint=pa.array(list(frame["left_fingerprint"]), pa.uint64()),
        right_fingerprint=pa.array(list(frame["right_fingerprint"]), pa.uint64()),
    )  # fmt: skip
    _append_events(connection, frame, "decided", run)
    return [int(one) for one in numbers]


def undo_decision(connection: duckdb.DuckDBPyConnection, decision: int, run: int) -> None:
    """Undo a decision; it stays in the table and the log.

    Args:
        connection: of a transaction.
        decision: its number.
        run: number of the run that does.

    Raises:
        InputError: there is no such decision that holds.
    """
    held = one_row(connection, "SELECT undone_run FROM decision WHERE decision = ?", [decision])
    if held is None or held[0] is not None:
        why = "there is none" if held is None else f"run {held[0]} has undone it"
        raise InputError(
            f"Decision {decision} cannot be undone: {why}.",
            hint="linkage decide STATE --export FILE lists those that hold, with their numbers.",
        )
    connection.execute("UPDATE decision SET undone_run = ? WHERE decision = ?", [run, decision])
    query = "SELECT decision, left_id, right_id, definition FROM decision WHERE decision = ?"
    _append_events(connection, connection.execute(query, [decision]).df(), "undone", run)


def fresh_decisions(
    connection: duckdb.DuckDBPyConnection, ids: np.ndarray, side: np.ndarray, run: int
) -> np.ndarray:
    """Return the latest decision, made or undone since the last match, that names each record.

    Args:
        connection: of the transaction that records a match.
        ids, side: of the records.
        run: number of that match.

    Returns:
        int64[n], -1 for none.
    """
    rows = connection.execute(
        "SELECT decision, left_id, right_id FROM decision WHERE greatest(run, "
        "coalesce(undone_run, 0)) > (SELECT coalesce(max(run), 0) FROM run "
        "WHERE kind = 'match' AND run < ?) ORDER BY decision",
        [run],
    ).fetchall()
    out = np.full(len(ids), -1, np.int64)
    numbers = np.array([row[0] for row in rows], np.int64)
    for end in (0, 1):
        named = np.array([row[1 + end] for row in rows], object)
        at = rows_named(named, ids, side, first=end)
        np.maximum.at(out, at[at >= 0], numbers[at >= 0])
    return out


def note_changed_records(
    connection: duckdb.DuckDBPyConnection, ids: np.ndarray, side: np.ndarray, prints: np.ndarray
) -> list[str]:
    """Return a note of decisions about records that have changed since they were decided.

    Args:
        connection: of a state.
        ids, side, prints: id, table and fingerprint of each record now.
    """
    rows = connection.execute(
        "SELECT decision, left_id, left_fingerprint, right_id, right_fingerprint FROM decision "
        "WHERE undone_run IS NULL ORDER BY decision"
    ).fetchall()
    marked: list[tuple[int, str]] = []
    for end, place in ((0, 1), (1, 3)):
        named = np.array([row[place] for row in rows], object)
        at = rows_named(named, ids, side, first=end)
        for row, found in zip(rows, at.tolist(), strict=True):
            then = row[place + 1]
            if then is not None and found >= 0 and prints[found] != np.uint64(then):
                marked.append((row[0], f"decision {row[0]} ({shorten(row[place], 30)})"))
    changed = [text for _, text in sorted(marked)]
    if not changed:
        return []
    shown = ", ".join(changed[:5]) + (", ..." if len(changed) > 5 else "")
    return [
        f"{len(changed):,} decided records have changed since; their decisions hold, and should "
        f"be looked at again: {shown}."
    ]


def refresh_fingerprints(
    connection: duckdb.DuckDBPyConnection,
    ids: np.ndarray,
    side: np.ndarray,
    before: np.ndarray,
    now: np.ndarray,
    unchanged: np.ndarray,
) -> None:
    """Give decisions the fingerprints by other columns of records that did not change.

    Args:
        connection: of a transaction.
        ids, side: of the records.
        before, now: uint64[n], their fingerprints by the columns of before and of now.
        unchanged: bool[n], records that state the same.
    """
    for end, name in enumerate(_ENDS):
        found = connection.execute(f"SELECT DISTINCT {name}_id FROM decision ORDER BY 1").fetchall()
        named = np.array([one for (one,) in found], object)
        at = rows_named(named, ids, side, first=end)
        use = np.flatnonzero(at >= 0)
        use = use[unchanged[at[use]]]
        fresh = {"named": pa.array(named[use], pa.string()), "before": before[at[use]],
                 "now": now[at[use]]}  # fmt: skip
        connection.register("fresh", pa.table(fresh))
        connection.execute(
            f"UPDATE decision SET {name}_fingerprint = fresh.now FROM fresh "
            f"WHERE {name}_id = named AND {name}_fingerprint = fresh.before"
        )
        connection.unregister("fresh")


def _key(one: Mapping[Hashable, object]) -> tuple[object, ...]:
    """What makes two decisions the same."""
    pair = sorted([str(one["left_id"]), str(one["right_id"])])
    return (*pair, one["answer"], one["definition"])


def _refuse(decisions: pd.DataFrame, definitions: Sequence[MatchDefinition]) -> None:
    """Refuse decisions that contradict each other, or are of a record with itself."""
    itself = np.flatnonzero(decisions["left_id"] == decisions["right_id"])
    if len(itself):
        one = shorten(decisions["left_id"].iloc[itself[0]], 40)
        raise InputError(f"A decision is of record {one} with itself.", hint="Name two records.")
    ids = pd.concat([decisions["left_id"], decisions["right_id"]])
    codes = pd.factorize(ids)[0].reshape(2, -1)
    refuse_contradictions(decisions, codes[0], codes[1], definitions)


def _append_events(
    connection: duckdb.DuckDBPyConnection, decisions: pd.DataFrame, kind: str, run: int
) -> None:
    """Append an event for each decision: ``decision, left_id, right_id, definition``."""
    k = len(decisions)
    found = one_row(connection, "SELECT coalesce(max(event), -1) + 1 FROM event")
    assert found is not None
    numbers = dict(connection.execute("SELECT name, definition FROM definition").fetchall())
    ends = [
        _records_of(connection, list(decisions[f"{end}_id"]), side=side)[0]
        for side, end in enumerate(_ENDS)
    ]
    left, right = (pa.array(end, pa.int32(), mask=end < 0) for end in ends)
    none = pa.nulls(k, pa.int32())
    append(
        connection, "event",
        event=pa.array(found[0] + np.arange(k), pa.int32()),
        run=pa.array(np.full(k, run), pa.int32()),
        definition=pa.array([numbers.get(name) for name in decisions["definition"]], pa.uint8()),
        kind=pa.array([kind] * k), old=none, new=none,
        records=pa.nulls(k, pa.list_(pa.int32())), cause=pa.array(["a person"] * k),
        left_record=left, right_record=right, score=pa.nulls(k, pa.float32()),
        decision=pa.array(decisions["decision"].to_numpy(), pa.int32()),
    )  # fmt: skip
