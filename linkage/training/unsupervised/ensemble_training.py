"""Training of booster ensembles on labels that an anchor gives to candidate pairs."""

from __future__ import annotations

import numpy as np

from linkage.models.booster_ensemble import BoosterEnsemble
from linkage.scoring.compared_pairs import ComparedPairs
from linkage.scoring.record_folds import FOLDS
from linkage.training.boosting import train_folds

__all__ = ["negatives_in_proportion", "train_ensemble"]


def train_ensemble(
    compared: ComparedPairs,
    target: np.ndarray,
    weight: np.ndarray,
    seed: int,
    threads: int,
    quick: bool,
) -> BoosterEnsemble:
    """Return boosters by folds, trained on all features.

    Args:
        compared: the pairs.
        target: 1 match, 0 non-match, -1 not used.
        weight: weight of each pair.
        seed: random seed.
        threads: threads; the ensemble does not depend on it.
        quick: see `train_folds`.
    """
    boosters = train_folds(
        compared.matrix, target, weight, compared.fold, compared.keys,
        folds=FOLDS, seed=seed, threads=threads, quick=quick,
    )  # fmt: skip
    return BoosterEnsemble(boosters, by_fold=True)


def negatives_in_proportion(target: np.ndarray) -> np.ndarray:
    """Return weights by which the non-matches count for the unused pairs (-1), too.

    Most of the unused pairs are non-matches.
    """
    return np.where(target == 0, np.sum(target != 1) / max(np.sum(target == 0), 1), 1.0)
