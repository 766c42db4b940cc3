"""A comparison: candidate pairs of prepared records together with their features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from blocking.neighbours import Neighbours
from features.prepare import PreparedRecords

__all__ = ["ComparedPairs"]


@dataclass(frozen=True)
class ComparedPairs:
    """Pairs and what is known of them.

    Attributes:
        records: the records.
        spaces: neighbour lists of the records, by name.
        left, right: rows of the pairs, int32, shape (m,).
        matrix: features, float32, shape (m, f).
        names: names of the features.
        fold: fold of each pair, that of its left record.
        numbered: pairs that only the blockers of identifiers proposed, bool, shape (m,); None where
            no blocker proposed the pairs.
        drawn: rows that were drawn by chance, bool, shape (n,), where there are pairs of their
            partners, too, which complete what hangs together but are no fair sample.
    """

    records: PreparedRecords
    spaces: dict[str, Neighbours]
    left: np.ndarray
    right: np.ndarray
    matrix: np.ndarray
    names: list[str]
    fold: np.ndarray
    numbered: np.ndarray | None = None
    drawn: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.left)

    @property
    def fair(self) -> np.ndarray:
        """Whether each pair is of a fair sample of all candidates, bool, shape (m,)."""
        if self.drawn is None:
            return np.ones(len(self), bool)
        return np.asarray(self.drawn[self.left] | self.drawn[self.right])

    @property
    def sizes(self) -> tuple[int, int]:
        """Records of the left and of the right table."""
        n_left = self.records.records.n_left
        return n_left, self.records.n - n_left

    def column(self, name: str) -> np.ndarray:
        """One feature of all pairs."""
        return self.matrix[:, self.names.index(name)]

    def select(self, names: list[str]) -> ComparedPairs:
        """The same pairs with only some features."""
        columns = [self.names.index(name) for name in names]
        return replace(self, matrix=self.matrix[:, columns], names=names)

    def extended(self, columns: np.ndarray, names: Sequence[str]) -> ComparedPairs:
        """The same pairs with further features.

        Args:
            columns: their values, shape (m, names).
            names: their names.
        """
        matrix = np.column_stack([self.matrix, columns.astype(np.float32)])
        return replace(self, matrix=matrix, names=[*self.names, *names])

    def sample(self, most: int) -> ComparedPairs:
        """At most so many of the pairs, evenly spread over them."""
        return self.part(slice(None, None, max(1, -(-len(self) // most))))

    def part(self, chosen: np.ndarray | slice) -> ComparedPairs:
        """Some of the pairs, by mask, position or slice."""
        return replace(
            self,
            left=self.left[chosen],
            right=self.right[chosen],
            matrix=self.matrix[chosen],
            fold=self.fold[chosen],
            numbered=None if self.numbered is None else self.numbered[chosen],
        )

    def join(self, other: ComparedPairs) -> ComparedPairs:
        """These pairs and then others of the same records and features.

        Which only blockers of identifiers proposed is not known of the others.
        """
        return replace(
            self,
            left=np.concatenate([self.left, other.left]),
            right=np.concatenate([self.right, other.right]),
            matrix=np.concatenate([self.matrix, other.matrix]),
            fold=np.concatenate([self.fold, other.fold]),
            numbered=None,
        )
