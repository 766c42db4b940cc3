"""Contributions to the raw score of a pair scorer, combined from those of its parts."""

from __future__ import annotations

import numpy as np

from linkage.models.contributions import Contributions, joined
from linkage.models.pair_scorer import PairScorer

__all__ = ["scorer_contributions", "scorer_parts"]


def scorer_parts(
    scorer: PairScorer, matrix: np.ndarray, fold: np.ndarray, threads: int = 1
) -> list[tuple[str, float, Contributions]]:
    """The parts of a scorer: source, weight, and contributions to the score of each part.

    Args:
        scorer: the scorer.
        matrix: features, float32, shape (m, len(scorer.names)).
        fold: fold of each pair.
        threads: threads to use.
    """
    visible = matrix
    if scorer.hidden:
        visible = matrix.copy()
        visible[:, list(scorer.hidden)] = np.nan
    parts = [
        (
            "boosters",
            part.weight,
            part.contributions(visible, fold, threads, scorer.names).shifted(-part.centre),
        )
        for part in scorer.ensembles
    ]
    if scorer.fellegi_sunter is not None:
        found = scorer.fellegi_sunter.contributions(visible)
        parts.append((found.sources[0], 1.0, found))
    if scorer.linear is not None:
        column = visible[:, scorer.names.index(scorer.linear.feature)]
        parts.append(("linear", scorer.linear.weight, scorer.linear.contributions(column)))
    return parts


def scorer_contributions(
    scorer: PairScorer, matrix: np.ndarray, fold: np.ndarray, threads: int = 1
) -> Contributions:
    """Contributions to the raw scores of pairs, see `linkage.models.pair_scorer.PairScorer.raw`.

    Where a pair has the lower score of two parts, the contributions are those of the lower.

    Args:
        scorer: the scorer.
        matrix: features, float32, shape (m, len(scorer.names)).
        fold: fold of each pair.
        threads: threads to use.
    """
    pairs = len(matrix)
    parts = scorer_parts(scorer, matrix, fold, threads)
    if (
        scorer.lowest
        and scorer.fellegi_sunter is not None
        and any(p.weight for p in scorer.ensembles)
    ):
        boosted = _mean([p for p in parts if p[0] == "boosters"], pairs)
        views = joined([p[2] for p in parts if p[0] not in ("boosters", "linear")], pairs)
        lower = boosted.total() < views.total()
        boosted.values[~lower] = 0.0
        views.values[lower] = 0.0
        return joined([boosted, views], pairs)
    return _mean(parts, pairs)


def _mean(parts: list[tuple[str, float, Contributions]], pairs: int) -> Contributions:
    total = max(sum(weight for _, weight, _ in parts), 1e-9)
    return joined([part.scaled(weight / total) for _, weight, part in parts], pairs)
