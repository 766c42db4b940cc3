"""Learning a prefilter from pairs that a model has scored."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from linkage.models.prefilter import Prefilter, raw_score
from linkage.models.tree_predictor import TreePredictor
from linkage.training.boosting import train_small

if TYPE_CHECKING:
    pass

__all__ = ["learn_prefilter"]


#: Share of the model's matches that may be let go.
_LOST = 0.001


#: Share of the pairs that pass, above which a first look does not pay.
_MOST_PASSING = 0.5


#: Matches below which so small a share of them cannot be told.
_FEWEST_MATCHES = 5_000


#: Pairs that the booster learns from, and pairs that set its cut.
_LEARNED_FROM, _JUDGED_BY = 40_000, 120_000


def learn_prefilter(
    matrix: np.ndarray,
    chance: Callable[[np.ndarray], np.ndarray],
    threshold: float,
    columns: list[int],
    seed: int,
) -> Prefilter | None:
    """Learns which pairs a model takes for matches, from some features.

    Args:
        matrix: features of compared pairs, shape (m, f).
        chance: gives what the model says of some of them, by their positions.
        threshold: chance from which it takes them for matches.
        columns: positions of the features to look at.
        seed: random seed.

    Returns:
        The first look; None where it would let too many pairs pass, or too little is known.
    """
    if not columns or len(matrix) <= _LEARNED_FROM:
        return None
    order = np.random.default_rng(seed).permutation(len(matrix))[: _LEARNED_FROM + _JUDGED_BY]
    known = chance(order)
    match = known >= threshold
    if match.sum() < _FEWEST_MATCHES:
        return None
    quick = matrix[order][:, columns]
    booster = train_small(quick[:_LEARNED_FROM], match[:_LEARNED_FROM], seed)
    score = raw_score(TreePredictor.of(booster), quick[_LEARNED_FROM:])
    known, match = known[_LEARNED_FROM:], match[_LEARNED_FROM:]
    if not match.any():
        return None
    matches = np.sort(score[match])
    cut = float(matches[int(_LOST * len(matches))])
    passing = score >= cut
    if passing.mean() > _MOST_PASSING:
        return None
    others = known[~passing]
    return Prefilter(booster, columns, cut, float(others.mean()), float(passing.mean()))
