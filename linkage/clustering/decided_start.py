"""Where clustering begins again so that decided pairs hold."""

from __future__ import annotations

import numpy as np

from linkage.clustering.constrained_union import join_groups
from linkage.clustering.decided_pairs import join_pairs
from linkage.clustering.labels import renumbered
from linkage.clustering.rules import Rules

__all__ = ["decided_start"]


def decided_start(
    rules: Rules, labels: np.ndarray, forced: np.ndarray, largest: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return starting clusters in which pairs that were decided to be the same are together.

    Clusters that such pairs connect become one, whole, so that a decision never tears a cluster.
    Where something forbids the union (another decision, a rule, the largest size), its records
    begin anew: those decided to be the same together, the others alone.

    Args:
        rules: the rules, with the decided pairs.
        labels: int[n], clusters found without the ``same`` pairs.
        forced: int[n], starting clusters with them: ``Rules.start(..., decided=True)``.
        largest: most records of a cluster.

    Returns:
        Labels, int64[n]; and the group of each record that is to count as one with the records
        that it is decided to be the same as, int64[n], -1 for records outside of unions refused.
    """
    decided = rules.decided
    if decided is None or decided.hold_in(labels):
        return renumbered(labels), np.full(len(labels), -1)
    union = join_pairs(labels, decided.same)
    # A union is of several clusters where it has several labels.
    pairs = np.unique(np.column_stack([union, labels]), axis=0)
    several = (np.bincount(pairs[:, 0]) > 1)[union]
    group = np.where(several, union, -1)
    limits = rules.yielding_to(labels).limits
    joined = join_groups(labels, group, limits, largest=largest)
    parts = np.unique(np.column_stack([union, joined]), axis=0)
    refused = (np.bincount(parts[:, 0]) > 1)[union] & several
    start = np.where(refused, 2 * forced + 1, 2 * joined)
    return renumbered(start), np.where(refused, decided.bound, -1)
