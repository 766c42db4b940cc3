"""One-to-one assignment of scored pairs, and whether the data justify it."""

from __future__ import annotations

import numpy as np

from linkage.assignment import assign_one_to_one, pick_best_first

__all__ = ["assign_best_first", "assign_by_log_odds", "repeats_share"]


def assign_by_log_odds(
    left: np.ndarray, right: np.ndarray, log_odds: np.ndarray, cut: float
) -> np.ndarray:
    """The one-to-one pairs with the largest sum of log-odds over the cut, bool, shape (m,)."""
    worth = log_odds - cut
    largest = max(float(worth.max(initial=0.0)), 1e-9)
    result = assign_one_to_one(left, right, np.clip(worth / largest, 0.0, 1.0), threshold=1e-9)
    return result.chosen & (worth > 0)


def assign_best_first(left: np.ndarray, right: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Assigns pairs best first, each record once; ties by rows. Bool, shape (m,).

    Unlike an optimal assignment it needs no cut and its pairs above any score do not hang on those
    below.
    """
    order = np.lexsort((right, left, -score))
    return pick_best_first(
        left, right, order, int(max(left.max(initial=0), right.max(initial=0))) + 1
    )


def repeats_share(score: np.ndarray, assigned: np.ndarray, cut: float) -> float:
    """Pairs left over by the assignment though as good as the typical accepted one.

    Given as a share of the accepted pairs that are as good. In one-to-one data a record's
    second-best partner is a stranger and falls behind; where products have several offers on a
    side, the left-over pairs score like the assigned ones, and this share is near one or above.
    """
    accepted = score[assigned & (score >= cut)]
    if len(accepted) == 0:
        return 0.0
    typical = np.median(accepted)
    return float(np.sum(~assigned & (score >= typical)) / max(np.sum(accepted >= typical), 1))
