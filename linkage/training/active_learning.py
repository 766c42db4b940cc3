"""Which pairs would teach most if they were labelled."""

from __future__ import annotations

import numpy as np

__all__ = ["choose_pairs"]

#: Log-odds from the cut over which the chance to be chosen falls to a third.
_SPREAD = 1.5


def choose_pairs(log_odds: np.ndarray, number: int) -> np.ndarray:
    """Chooses pairs to label: near the cut, but spread over the scores around it.

    Pairs at the cut are the most uncertain, but a model that learns from those alone is not
    corrected where it is wrongly sure. So pairs are drawn with a chance that falls with the
    distance from the cut, systematically along their scores (Madow 1949), so that every stretch of
    scores has its share. Nothing is random: the same scores give the same pairs.

    Args:
        log_odds: log-odds of the pairs, the cut at 0.
        number: how many to choose; all where there are no more.

    Returns:
        Positions of the chosen pairs, most certain match first.
    """
    order = np.argsort(-log_odds, kind="stable")
    if number >= len(order):
        return order
    worth = np.exp(-np.abs(log_odds[order]) / _SPREAD)
    # A pair counts once at most: what would be drawn for sure is set apart.
    sure = np.zeros(len(order), bool)
    while True:
        room = number - int(sure.sum())
        share = np.where(sure, 0.0, worth) * room / max(float(worth[~sure].sum()), 1e-300)
        if not (share >= 1).any():
            break
        sure |= share >= 1
    ends = np.cumsum(share)
    ticks = np.minimum(np.arange(room) + 0.5, ends[-1])
    drawn = np.searchsorted(ends, ticks)
    chosen = np.union1d(np.flatnonzero(sure), drawn)
    if len(chosen) < number:  # Sums rounded away a tick: the nearest to the cut fill up.
        others = np.setdiff1d(np.argsort(-worth, kind="stable"), chosen, assume_unique=True)
        rest = others[np.argsort(-worth[others], kind="stable")][: number - len(chosen)]
        chosen = np.union1d(chosen, rest)
    return order[chosen]
