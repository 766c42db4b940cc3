"""How well the engine estimates its own F1, with its coefficients and with ones fitted anew.

The coefficients of `linkage.evaluation.expected_accuracy` were fitted to tasks of this benchmark,
so the estimate of a task is also judged by coefficients that were fitted without its family (the
first word of its name).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from linkage.evaluation.expected_accuracy import expected_by, terms_of
from unseen_bench.forms import Form

__all__ = ["calibration"]

Row = dict[str, Any]
_FIGURES = ("precision", "recall")
#: Pseudo-observations that hold standardised coefficients near 0.
_STIFFNESS = 1.0
#: Tasks of one kind of signs below which nothing is fitted.
_FEWEST = 5


def calibration(rows: Sequence[Row]) -> list[Row]:
    """Return the errors of the estimates of F1, as shipped and left out.

    Args:
        rows: as `unseen_bench.task_run.run_form` returns them; of a task with several protocols the
            first one with an estimate counts, end to end before pairs of a split.

    Returns:
        ``name, tasks, error`` (mean, absolute) and ``rank`` (correlation, Spearman), and for each
        kind of signs the fitted ``coefficients`` of precision and recall.
    """
    judged = _judged(rows)
    if len(judged) < _FEWEST:
        return []
    truth = np.array([row["figure"] for row in judged])
    found = [_errors("as shipped", np.array([row["estimate"] for row in judged]), truth)]
    left_out = np.full(len(judged), np.nan)
    kinds = sorted({tuple(sorted(row["signs"])) for row in judged})
    for kind in kinds:
        at = np.array([k for k, row in enumerate(judged) if tuple(sorted(row["signs"])) == kind])
        if len(at) >= _FEWEST:
            left_out[at], coefficients = _fitted([judged[k] for k in at])
            found.append({"name": ", ".join(kind), "tasks": len(at), "coefficients": coefficients})
    known = ~np.isnan(left_out)
    found.insert(1, _errors("left out", left_out[known], truth[known]))
    return found


def _judged(rows: Sequence[Row]) -> list[Row]:
    """Return one row of each task and form whose figure is F1, with an estimate and signs."""
    chosen: dict[tuple[str, str], Row] = {}
    for row in rows:
        if row["form"] in (Form.PLAIN, Form.STACKED) and row.get("signs"):
            key = row["task"], row["form"]
            before = chosen.get(key)
            if before is None or "split" in str(before.get("protocol")):
                chosen[key] = row
    return list(chosen.values())


def _errors(name: str, estimate: np.ndarray, truth: np.ndarray) -> Row:
    error = float(np.abs(estimate - truth).mean())
    return {
        "name": name,
        "tasks": len(truth),
        "error": error,
        "rank": float(spearmanr(estimate, truth)[0]),
    }


def _fitted(rows: Sequence[Row]) -> tuple[np.ndarray, dict[str, list[float]]]:
    """Return F1 of each row as estimated without its family, and coefficients fitted to all."""
    terms = np.array([terms_of(row["signs"]) for row in rows])
    family = np.array([row["task"].split("-")[0] for row in rows])
    values = {name: np.array([row.get(name) or 0.0 for row in rows]) for name in _FIGURES}
    f1 = np.empty(len(rows))
    for one in np.unique(family):
        own = family == one
        weights = {name: _ridge(terms[~own], values[name][~own]) for name in _FIGURES}
        f1[own] = [expected_by(weights, rows[k]["signs"]).f1 for k in np.flatnonzero(own)]
    return f1, {name: _ridge(terms, values[name]).tolist() for name in _FIGURES}


def _ridge(terms: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Return a constant and coefficients, by ridge regression on standardised terms."""
    centre, spread = terms.mean(axis=0), terms.std(axis=0) + 1e-9
    scaled = (terms - centre) / spread
    weights = np.linalg.solve(
        scaled.T @ scaled + _STIFFNESS * np.eye(terms.shape[1]),
        scaled.T @ (value - value.mean()),
    )
    weights = weights / spread
    return np.append(value.mean() - centre @ weights, weights)
