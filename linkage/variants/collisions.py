"""Collisions: equal combinations of ignored values in what would be one product.

A shop lists a product once in each colour and size. So where groups of records are joined, equal
combinations of ignored values on both sides are evidence that they are two products. How many there
would be if all of them were is read off groups that are joined at random (a permutation test).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["NO_COLLISIONS", "Collisions", "collisions", "count_collisions"]

#: Random regroupings of which the mean is taken.
_PERMUTATIONS = 3
#: Collisions that random joins must be expected to have beyond the usual ones, to tell anything.
_FEWEST_EXPECTED = 3.0


@dataclass(frozen=True)
class Collisions:
    """Collisions of joined groups.

    Attributes:
        observed: combinations that several parts of a joined group have in common.
        expected: the same if the parts were joined at random.
        possible: combinations that could have collided.
    """

    observed: float
    expected: float
    possible: float

    def share_wrong(self, within: Collisions | None = None) -> float:
        """Return the estimated share of joins of two products, 0 to 1; NaN if nothing can tell.

        Nothing can where random joins would hardly collide, or hardly more often than the records
        of one product do.

        Args:
            within: collisions of records that are of one product, as far as that is known; there
                are none by default.
        """
        usual = 0.0
        if within is not None and within.expected:
            usual = self.expected * within.observed / within.expected
        if self.expected - usual < max(_FEWEST_EXPECTED, usual):
            return float("nan")
        return float(np.clip((self.observed - usual) / (self.expected - usual), 0.0, 1.0))


#: Collisions where nothing was joined.
NO_COLLISIONS = Collisions(0.0, 0.0, 0.0)


def collisions(
    part: np.ndarray, joined: np.ndarray, combination: np.ndarray, seed: int = 0
) -> Collisions:
    """Return the collisions of parts that are joined.

    Args:
        part: number of the part of each record, int, shape (n,).
        joined: number of the joined group of each record; parts lie within groups.
        combination: number of each record's combination of ignored values, -1 unknown.
        seed: seed of the random regroupings.
    """
    known = combination >= 0
    parts, part = np.unique(part[known], return_inverse=True)
    combination = combination[known]
    of_part = np.zeros(len(parts), np.int64)
    of_part[part] = np.unique(joined[known], return_inverse=True)[1]
    several = np.bincount(of_part)[of_part] > 1 if len(parts) else np.zeros(0, bool)
    chosen = several[part]
    part, combination = part[chosen], combination[chosen]
    if not len(part):
        return NO_COLLISIONS
    observed, possible = count_collisions(part, of_part, combination)
    generator = np.random.default_rng(seed)
    expected = 0.0
    for _ in range(_PERMUTATIONS):
        shuffled = of_part.copy()
        shuffled[several] = generator.permutation(of_part[several])
        found, room = count_collisions(part, shuffled, combination)
        expected += found * possible / max(room, 1.0) / _PERMUTATIONS
    return Collisions(observed, expected, possible)


def count_collisions(
    part: np.ndarray, of_part: np.ndarray, combination: np.ndarray
) -> tuple[float, float]:
    """Return the collisions of a grouping of parts, and how many there could have been.

    A group of several parts can have as many as all its parts but the largest have combinations.

    Args:
        part: number of the part of each record, int, shape (n,), n > 0.
        of_part: number of the group of each part.
        combination: number of each record's combination of ignored values, shape (n,).
    """
    width = int(combination.max()) + 1
    pairs = np.unique(part * width + combination)
    part, combination = pairs // width, pairs % width
    size = np.bincount(part, minlength=len(of_part))
    groups = int(of_part.max()) + 1
    total = np.bincount(of_part, size, minlength=groups)
    largest = np.zeros(groups)
    np.maximum.at(largest, of_part, size)
    distinct = len(np.unique(of_part[part] * width + combination))
    return float(total.sum() - distinct), float((total - largest).sum())
