"""Learning a prefilter from pairs that a pair model has scored."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from linkage.models.prefilter import Prefilter, raw_score
from linkage.models.tree_predictor import TreePredictor
from linkage.training.boosting import train_small

__all__ = ["learn_prefilter"]

#: Share of the model's matches that the prefilter may reject.
_LOST = 0.001
#: Share of the pairs that pass above which a prefilter does not pay.
_MOST_PASSING = 0.5
#: Matches below which so small a share of them cannot be estimated.
_FEWEST_MATCHES = 5_000
#: Pairs that the booster learns from, and pairs by which its cut is chosen.
_TRAINING, _VALIDATION = 40_000, 120_000


def learn_prefilter(
    matrix: np.ndarray,
    score: Callable[[np.ndarray], np.ndarray],
    threshold: float,
    columns: list[int],
    keys: np.ndarray,
    seed: int,
) -> Prefilter | None:
    """Return a prefilter that predicts a model's matches from some features.

    Args:
        matrix: features of compared pairs, shape (m, f).
        score: returns the model's probabilities of some of the pairs, by their positions.
        threshold: the model's threshold.
        columns: positions of the features of the prefilter.
        keys: hashes of the pairs, uint64, by which those to learn from are drawn.
        seed: random seed.

    Returns:
        The prefilter; None where too many pairs would pass, or there are too few pairs or matches.
    """
    if not columns or len(matrix) <= _TRAINING:
        return None
    order = np.argsort(keys, kind="stable")[: _TRAINING + _VALIDATION]
    probability = score(order)
    match = probability >= threshold
    if match.sum() < _FEWEST_MATCHES:
        return None
    quick = matrix[order][:, columns]
    booster = train_small(quick[:_TRAINING], match[:_TRAINING], seed)
    raw = raw_score(TreePredictor.of(booster), quick[_TRAINING:])
    probability, match = probability[_TRAINING:], match[_TRAINING:]
    if not match.any():
        return None
    matches = np.sort(raw[match])
    cut = float(matches[int(_LOST * len(matches))])
    passing = raw >= cut
    if passing.mean() > _MOST_PASSING:
        return None
    rejected = probability[~passing]
    return Prefilter(booster, columns, cut, float(rejected.mean()), float(passing.mean()))
