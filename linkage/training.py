"""Learning from labels: boosters by folds, calibration and the threshold of the user's dial."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import expit

from linkage.boosters import train_with_early_stopping
from linkage.evaluation import average_precision, expected_calibration_error, log_loss
from linkage.pair_model import BoosterSet, PairModel
from linkage.thresholds import cut_for_dial, platt

__all__ = ["train_on_labels"]

FOLDS = 5
#: Share of labelled matches that share a record up to which one partner a record is the rule, and
#: the few others cost less than the false pairs that an assignment keeps out.
_REPEATED_MATCHES = 0.05


def train_on_labels(
    names: list[str],
    matrix: np.ndarray,
    label: np.ndarray,
    rows: tuple[np.ndarray, np.ndarray],
    fold: np.ndarray,
    *,
    is_linkage: bool,
    seed: int,
    threads: int,
    seeds: int = 1,
    precision: float | None = None,
    recall: float | None = None,
    one_to_one: str = "auto",
    progress: Callable[[float], None] | None = None,
) -> PairModel:
    """Trains a pair model on labelled pairs.

    Args:
        names: names of the features.
        matrix: features of the labelled pairs, shape (m, len(names)).
        label: 1 match, 0 no match.
        rows: left and right rows of the pairs.
        fold: fold of each pair; pairs that share their left record share a fold.
        is_linkage: whether two tables are linked.
        seed: random seed.
        threads: threads; the model does not depend on it.
        seeds: boosters a fold.
        precision, recall: the dial; neither: best F1.
        one_to_one: ``yes``, ``no`` or ``auto``.
        progress: called with the share done.
    """
    label = label.astype(int)
    fold = _usable_folds(fold, label)
    boosters, held_out = train_with_early_stopping(
        matrix, label, fold, folds=int(fold.max()) + 1, seeds=seeds, seed=seed, threads=threads,
        progress=progress,
    )  # fmt: skip
    slope, intercept = platt(held_out, label)
    cut = cut_for_dial(held_out, label, precision=precision, recall=recall)
    model = PairModel(
        names,
        sets=[BoosterSet(boosters, by_fold=False)],
        folds=FOLDS,
        slope=slope,
        intercept=intercept,
        threshold=float(np.clip(expit(slope * cut + intercept), 1e-6, 1 - 1e-6)),
        anchor=f"{len(label):,} labelled pairs, {int(label.sum()):,} of them matches",
    )
    model.metrics = _held_out_metrics(model, held_out, label, cut)
    if is_linkage:
        justified = _repeated(rows, label) <= _REPEATED_MATCHES
        model.one_to_one = one_to_one == "yes" or (one_to_one == "auto" and bool(justified))
    return model


def _held_out_metrics(
    model: PairModel, held_out: np.ndarray, label: np.ndarray, cut: float
) -> dict[str, float]:
    """How the out-of-fold scores do, at the cut and over all cuts, and their calibration."""
    probability = expit(model.slope * held_out + model.intercept)
    predicted = held_out >= cut
    hits = float(np.sum(predicted & (label == 1)))
    return {
        "labels": len(label),
        "f1": _f1(label, predicted),
        "precision": hits / max(float(predicted.sum()), 1),
        "recall": hits / max(float(label.sum()), 1),
        "average_precision": average_precision(label, held_out),
        "log_loss": log_loss(label, probability),
        "expected_calibration_error": expected_calibration_error(label, probability),
    }


def _usable_folds(fold: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Folds in which every training part has both classes; where groups cannot, rows take turns."""
    for candidate in (fold, np.arange(len(label)) % FOLDS):
        _, dense = np.unique(candidate, return_inverse=True)
        parts = range(int(dense.max()) + 1)
        if len(parts) > 1 and all(len(np.unique(label[dense != k])) == 2 for k in parts):
            return dense
    order = np.argsort(label, kind="stable")
    out = np.zeros(len(label), int)
    out[order] = np.arange(len(label)) % 2
    return out


def _repeated(rows: tuple[np.ndarray, np.ndarray], label: np.ndarray) -> float:
    matches = label == 1
    worst = 0.0
    for side in rows:
        _, counts = np.unique(side[matches], return_counts=True)
        worst = max(worst, 1 - len(counts) / max(counts.sum(), 1))
    return worst


def _f1(label: np.ndarray, predicted: np.ndarray) -> float:
    return (
        2 * float(np.sum(predicted & (label == 1))) / max(float(predicted.sum() + label.sum()), 1)
    )
