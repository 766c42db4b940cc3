"""Active learning: the pairs whose labels would improve a model most."""

from __future__ import annotations

import numpy as np

__all__ = ["choose_pairs"]

#: Log-odds from the threshold over which the sampling probability falls by a factor of e.
_SPREAD = 1.5


def choose_pairs(log_odds: np.ndarray, number: int) -> np.ndarray:
    """Return positions of pairs to label, most certain match first.

    Pairs at the threshold are the most uncertain, but a model that learns from those alone is not
    corrected where it is wrongly certain. So pairs are sampled with a probability that falls with
    the distance from the threshold, systematically along their scores (Madow 1949), so that each
    range of scores has its share. Nothing is random: the same scores give the same pairs.

    Args:
        log_odds: log-odds of the pairs relative to the threshold.
        number: number of pairs to choose; all where there are no more.
    """
    order = np.argsort(-log_odds, kind="stable")
    if number >= len(order):
        return order
    inclusion = np.exp(-np.abs(log_odds[order]) / _SPREAD)
    # No pair is sampled twice: those of an inclusion probability of 1 or more are chosen first.
    certain = np.zeros(len(order), bool)
    while True:
        remaining = number - int(certain.sum())
        total = max(float(inclusion[~certain].sum()), 1e-300)
        share = np.where(certain, 0.0, inclusion) * remaining / total
        if not (share >= 1).any():
            break
        certain |= share >= 1
    ends = np.cumsum(share)
    ticks = np.minimum(np.arange(remaining) + 0.5, ends[-1])
    sampled = np.searchsorted(ends, ticks)
    chosen = np.union1d(np.flatnonzero(certain), sampled)
    if len(chosen) < number:  # By rounding two ticks met one pair: add those nearest the threshold.
        others = np.setdiff1d(np.argsort(-inclusion, kind="stable"), chosen, assume_unique=True)
        rest = others[np.argsort(-inclusion[others], kind="stable")][: number - len(chosen)]
        chosen = np.union1d(chosen, rest)
    return order[chosen]
