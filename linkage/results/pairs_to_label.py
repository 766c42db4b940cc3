"""Pairs to label: those of an uncertain answer that a person should decide first."""

from __future__ import annotations

import numpy as np
import pandas as pd

from linkage.evaluation.expected_accuracy import UNCERTAIN
from linkage.models.bounded_logit import bounded_logit
from linkage.results.column_names import column_prefix
from linkage.results.run_tables import RunTables
from linkage.training.active_learning import choose_pairs

__all__ = ["pairs_to_label"]

#: Pairs that are named of each uncertain definition.
_PAIRS = 20


def pairs_to_label(result: RunTables) -> dict[str, pd.DataFrame]:
    """Return by file name the pairs to label of each definition whose answer is uncertain.

    They are drawn as :meth:`linkage.Linker.suggest` draws them: ``left_id, right_id, score,
    weight``, then each compared column of both records, ``left_<column>, right_<column>``.

    Args:
        result: the tables of the run.
    """
    definitions = result.run["definitions"]
    found = {}
    for name, account in definitions.items():
        expected = account.get("expected")
        if expected is not None and expected["f1"] < UNCERTAIN:
            file = "to_label.csv" if len(definitions) == 1 else f"to_label_{name}.csv"
            found[file] = _chosen(result, name, list(account["attributes"]))
    return found


def _chosen(result: RunTables, name: str, columns: list[str]) -> pd.DataFrame:
    prefix = column_prefix(name, result.run["definitions"])
    score = np.asarray(result.scored.columns[f"{prefix}score"])
    scored = np.flatnonzero(~np.isnan(score))
    threshold = result.run["definitions"][name]["threshold"]
    cut = bounded_logit(np.array([threshold]), 1e-9)
    log_odds = bounded_logit(score[scored], 1e-9) - cut
    chosen, weight = choose_pairs(log_odds, _PAIRS, result.run["seed"])
    pairs = scored[chosen]
    ids = result.id_texts
    left, right = result.scored.left[pairs], result.scored.right[pairs]
    frame = pd.DataFrame(
        {
            "left_id": ids[left],
            "right_id": ids[right],
            "score": score[pairs],
            "weight": weight,
        }
    )
    n_left = result.tables[0].num_rows
    for column in columns:
        for side, rows in (("left", left), ("right", right)):
            frame[f"{side}_{column}"] = [_cell(result, column, row, n_left) for row in rows]
    return frame


def _cell(result: RunTables, column: str, row: int, n_left: int) -> str | None:
    """Return a cell of one of the tables, by the row of the run; None where it lacks the column."""
    table, place = (result.tables[0], row) if row < n_left else (result.tables[1], row - n_left)
    if table is None or column not in table.column_names:
        return None
    value: str | None = table.column(column)[int(place)].as_py()
    return value
