"""Groups of values with the same meaning, which never hold two values that are read differently.

Wrong trade numbers and texts about other sizes are evidence that 300 ml and 500 ml are one size.
What the values themselves say outweighs it (`features.variants.readings`), also between values that
further ones would join.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from features.variants.readings import Reading, may_mean_the_same, read_values

__all__ = ["ValueGroups", "consecutive_pairs"]


class ValueGroups:
    """A partition of values, merged group by group.

    Args:
        strings: the clean values.

    Attributes:
        group: number of each value's group, the value that the group began with, int64.
    """

    def __init__(self, strings: Sequence[str]) -> None:
        self.group = np.arange(len(strings))
        self._members = [[k] for k in range(len(strings))]
        nothing = Reading()
        #: Distinct readings of each group; values that are read as nothing fit into any.
        self._readings = [{r} - {nothing} for r in read_values(strings)]

    def join(self, a: int, b: int) -> bool:
        """Merge the group of ``b`` into that of ``a``, unless values of both are read differently.

        Args:
            a, b: numbers of values.

        Returns:
            Whether they are of one group now.
        """
        a, b = int(self.group[a]), int(self.group[b])
        if a == b:
            return True
        one, other = self._readings[a], self._readings[b]
        if not all(may_mean_the_same(x, y) for x in one for y in other):
            return False
        one |= other
        self.group[self._members[b]] = a
        self._members[a] += self._members[b]
        return True

    def join_spellings(self, spelling: np.ndarray) -> None:
        """Merge the values of each spelling into as few groups as their readings allow.

        Args:
            spelling: number of each value's spelling.
        """
        apart: dict[int, list[int]] = {}
        for value, number in enumerate(spelling.tolist()):
            groups = apart.setdefault(number, [])
            if not any(self.join(group, value) for group in groups):
                groups.append(value)


def consecutive_pairs(group: np.ndarray) -> list[tuple[int, int]]:
    """Return pairs of consecutive values of each group, which join them all."""
    order = np.argsort(group, kind="stable")
    same = group[order[1:]] == group[order[:-1]]
    return list(zip(order[:-1][same].tolist(), order[1:][same].tolist(), strict=True))
