"""Tables of decisions: pairs of records that a person found to be the same, or different."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from features.records import Records
from linkage.errors import InputError, nearest_hint, shorten
from linkage.io.inputs import Table, plain_table
from linkage.io.pair_ids import id_positions

__all__ = [
    "ANSWERS",
    "DECISION_COLUMNS",
    "DIFFERENT",
    "SAME",
    "decision_table",
    "rows_named",
    "rows_of_decisions",
]

SAME, DIFFERENT = "same", "different"
#: What an answer may be written as; a file of labels is one of decisions, too.
ANSWERS: Mapping[str, str] = {
    SAME: SAME, "1": SAME, "true": SAME, "match": SAME,
    DIFFERENT: DIFFERENT, "0": DIFFERENT, "false": DIFFERENT, "distinct": DIFFERENT,
}  # fmt: skip
#: Columns of a table of decisions; the first three are needed, ``label`` stands for ``answer`` too.
DECISION_COLUMNS = ("left_id", "right_id", "answer", "definition", "who", "when", "why")
_SIDES = ("left", "right")


@dataclass(frozen=True)
class _Fault:
    row: int
    column: str
    value: Any
    why: str


def decision_table(given: Table, where: str = "decisions") -> pd.DataFrame:
    """Return decisions as text in the columns of ``DECISION_COLUMNS``; what is not given is None.

    Args:
        given: a table of ``left_id, right_id`` and ``answer`` (``same`` or ``different``, or
            ``label``: 1 or 0), with ``definition`` where they are not of the strictest match
            definition, and ``who, when, why``.
        where: what messages call it.

    Raises:
        InputError: a column is missing, or a value is none that it may hold, with its row.
    """
    table = plain_table(given, where, ("left_id", "right_id"))
    answer = "answer" if "answer" in table.column_names else "label"
    for name in ("left_id", "right_id", answer):
        if name not in table.column_names:
            name = "answer" if name == answer else name
            raise InputError(
                f"{where} has no column '{name}'.",
                hint=f"{nearest_hint(name, table.column_names, 'columns')} Decisions have left_id, "
                "right_id and answer (same or different).",
            )
    frame = pd.DataFrame(
        {
            name: table.column(name).to_pylist() if name in table.column_names else None
            for name in DECISION_COLUMNS
        },
        dtype=object,
    )
    frame["answer"] = table.column(answer).to_pylist()
    texts = frame["answer"].map(lambda value: str(value).strip().lower())
    if fault := _first_fault(frame, texts, answer):
        raise InputError(
            f"{where}, row {fault.row + 1:,}, column {fault.column}: {shorten(fault.value, 40)} "
            f"{fault.why}.",
            hint="Correct or remove the row; nothing was decided.",
        )
    frame["answer"] = texts.map(ANSWERS)
    if "decision" in table.column_names:  # numbers that a state gave them
        frame["decision"] = table.column("decision").to_pylist()
    return frame.where(frame.notna(), None)


def _first_fault(frame: pd.DataFrame, texts: pd.Series, answer: str) -> _Fault | None:
    """Return the first value that a table of decisions may not hold."""
    for name in ("left_id", "right_id"):
        for row in np.flatnonzero(frame[name].isna())[:1]:
            return _Fault(int(row), name, None, "is no id")
    for row in np.flatnonzero(~texts.isin(list(ANSWERS)))[:1]:
        why = "is neither same nor different"
        return _Fault(int(row), answer, frame["answer"].iloc[row], why)
    itself = frame["left_id"] == frame["right_id"]
    sided = frame["left_id"].astype(str).str.match(f"({'|'.join(_SIDES)}):")
    for row in np.flatnonzero(itself & sided)[:1]:
        return _Fault(
            int(row), "right_id", frame["right_id"].iloc[row], "is the left record itself"
        )
    return None


def rows_of_decisions(decisions: pd.DataFrame, records: Records) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of both records of each decision, int64[m] each; -1 where there is none.

    Of two tables an id may name its table (``left:ID``, ``right:ID``); otherwise ``left_id`` is
    sought in the left one first and ``right_id`` in the right one.

    Args:
        decisions: as `decision_table` returns them.
        records: the records.
    """
    ids, tables = records.ids, records.given_tables
    return (
        rows_named(decisions["left_id"].to_numpy(object), ids, tables, first=0),
        rows_named(decisions["right_id"].to_numpy(object), ids, tables, first=1),
    )


def rows_named(names: np.ndarray, ids: np.ndarray, tables: np.ndarray, *, first: int) -> np.ndarray:
    """Return the row of the record that each name of a decision means, int64[k]; -1 for none.

    Args:
        names: object[k], ids as decisions have them.
        ids, tables: object[n] and int[n], id and table (0 or 1) of each record.
        first: of two tables the one in which an id that names none is sought first.
    """
    rows = np.full(len(names), -1, np.int64)
    two = bool(tables.any())
    for table in (first, 1 - first) if two else (0,):
        own = np.flatnonzero(tables == table)
        prefix = f"{_SIDES[table]}:"
        full = [one.removeprefix(prefix) if one.startswith(prefix) else None for one in names]
        for wanted in (np.array(full, object), names) if two else (names,):
            found = id_positions(wanted, ids[own])
            rows = np.where((rows < 0) & (found >= 0), own[found] if len(own) else -1, rows)
    return rows
