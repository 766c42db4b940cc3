"""Active learning: the pairs whose labels would improve a model most."""

from __future__ import annotations

import numpy as np

__all__ = ["choose_pairs"]

#: Log-odds from the threshold over which the sampling probability falls by a factor of e.
_SPREAD = 1.5
#: Shares of the labels: near the threshold above it, near it below, and anywhere above it. The
#: last bounds the weights of the pairs that decide over a precision: a sure match that is none
#: would count for hundreds otherwise. Below the threshold far pairs are too many to be sampled.
_SHARES = (0.4, 0.4, 0.2)


def choose_pairs(log_odds: np.ndarray, number: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return positions of pairs to label, most certain match first, and the weight of each.

    Pairs at the threshold are the most uncertain, but a model that learns from those alone is not
    corrected where it is wrongly certain. So pairs are sampled with a probability that falls with
    the distance from the threshold, half of them on each side, and a part of them anywhere above
    it; systematically along their scores from a random start (Madow 1949), so that each range of
    scores has its share. The weight is the inverse of the probability that a pair was chosen: a sum
    over the chosen pairs with it has the sum over all pairs as expectation (Horvitz and Thompson
    1952), whatever the model is worth.

    Args:
        log_odds: log-odds of the pairs relative to the threshold.
        number: number of pairs to choose; all where there are no more.
        seed: of the random start.

    Returns:
        Two arrays of the same length: positions, and weights of at least 1.
    """
    order = np.argsort(-log_odds, kind="stable")
    if number >= len(order):
        return order, np.ones(len(order))
    probability = _inclusion(log_odds[order], number)
    certain = probability >= 1
    start = np.random.default_rng(seed).uniform()
    ends = np.cumsum(np.where(certain, 0.0, probability))
    # Ticks lie 1 apart, and each pair takes less than that: it is met once at most.
    ticks = np.arange(number - int(certain.sum())) + start
    ticks = np.minimum(ticks, np.nextafter(ends[-1], 0))
    chosen = np.union1d(np.flatnonzero(certain), np.searchsorted(ends, ticks, side="right"))
    return order[chosen], 1 / probability[chosen]


def _inclusion(log_odds: np.ndarray, number: int) -> np.ndarray:
    """Return the probability of each pair to be chosen, with a sum of `number`."""
    near, above = np.exp(-np.abs(log_odds) / _SPREAD), log_odds >= 0
    size = np.zeros(len(log_odds))
    for share, part in zip(_SHARES, (near * above, near * ~above, above * 1.0), strict=True):
        size += share * part / max(float(part.sum()), 1e-300)
    size = np.maximum(size, 1e-12)  # every pair has a chance, if a small one
    certain = np.zeros(len(size), bool)
    while True:
        rest = number - int(certain.sum())
        probability = np.where(certain, 1.0, size * rest / float(size[~certain].sum()))
        if not (probability[~certain] > 1).any():
            return probability
        certain |= probability > 1
