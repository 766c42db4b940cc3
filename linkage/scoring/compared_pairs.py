"""Compared pairs: pairs of prepared records together with their features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from blocking.neighbours import Neighbours
from features.prepare import PreparedRecords
from linkage.scoring.sampling import least_keys

__all__ = ["ComparedPairs"]


@dataclass(frozen=True)
class ComparedPairs:
    """Pairs of records with their features, from which models learn.

    Attributes:
        records: the records.
        spaces: neighbour lists of the records, by name.
        left, right: rows of the pairs, int32, shape (m,).
        matrix: features, float32, shape (m, f).
        names: names of the features.
        fold: fold of each pair, that of its left record.
        keys: a hash of what the records of each pair state, uint64, shape (m,): samples drawn by it
            change little if there are other pairs, too.
        only_by_identifiers: pairs that only the blockers of identifiers proposed, bool, shape (m,);
            None where that is not known.
        sampled_rows: rows drawn at random, bool, shape (n,), where pairs of their partners were
            added so that whole groups are sampled; None where all pairs are a fair sample.
    """

    records: PreparedRecords
    spaces: dict[str, Neighbours]
    left: np.ndarray
    right: np.ndarray
    matrix: np.ndarray
    names: list[str]
    fold: np.ndarray
    keys: np.ndarray
    only_by_identifiers: np.ndarray | None = None
    sampled_rows: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.left)

    @property
    def in_fair_sample(self) -> np.ndarray:
        """Whether each pair belongs to a fair sample of all candidates, bool, shape (m,).

        Pairs between two partners of a sampled row do not: they were added with that row.
        """
        if self.sampled_rows is None:
            return np.ones(len(self), bool)
        return np.asarray(self.sampled_rows[self.left] | self.sampled_rows[self.right])

    @property
    def sizes(self) -> tuple[int, int]:
        """Number of records of the left and of the right table."""
        n_left = self.records.records.n_left
        return n_left, self.records.n - n_left

    def column(self, name: str) -> np.ndarray:
        """The values of one feature, float32, shape (m,)."""
        return self.matrix[:, self.names.index(name)]

    def select(self, names: list[str]) -> ComparedPairs:
        """The same pairs with only some features."""
        at = {name: k for k, name in enumerate(self.names)}
        columns = [at[name] for name in names]
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
        """At most ``most`` of the pairs, drawn by their keys."""
        return self if len(self) <= most else self.part(least_keys(self.keys, most))

    def part(self, chosen: np.ndarray | slice) -> ComparedPairs:
        """Some of the pairs, by mask, position or slice."""
        return replace(
            self,
            left=self.left[chosen],
            right=self.right[chosen],
            matrix=self.matrix[chosen],
            fold=self.fold[chosen],
            keys=self.keys[chosen],
            only_by_identifiers=None
            if self.only_by_identifiers is None
            else self.only_by_identifiers[chosen],
        )

    def alone(self, chosen: np.ndarray) -> ComparedPairs:
        """Some of the pairs, with neighbour lists that hold no others.

        Args:
            chosen: which of the pairs, bool, shape (m,).
        """
        n = self.records.n
        a, b = self.left[chosen].astype(np.int64), self.right[chosen].astype(np.int64)
        keys = np.sort(np.minimum(a, b) * n + np.maximum(a, b))
        spaces = {name: _within(space, keys, n) for name, space in self.spaces.items()}
        return replace(self.part(chosen), spaces=spaces)

    def join(self, other: ComparedPairs) -> ComparedPairs:
        """These pairs followed by others of the same records and features.

        The result does not tell which pairs only the blockers of identifiers proposed.
        """
        return replace(
            self,
            left=np.concatenate([self.left, other.left]),
            right=np.concatenate([self.right, other.right]),
            matrix=np.concatenate([self.matrix, other.matrix]),
            fold=np.concatenate([self.fold, other.fold]),
            keys=np.concatenate([self.keys, other.keys]),
            only_by_identifiers=None,
        )


def _within(space: Neighbours, keys: np.ndarray, n: int) -> Neighbours:
    """The neighbours that are pairs of the given sorted keys, in their order."""
    rows = np.arange(len(space.index), dtype=np.int64)[:, None]
    wanted = np.minimum(rows, space.index) * n + np.maximum(rows, space.index)
    at = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    kept = (space.index >= 0) & (keys[at] == wanted if len(keys) else False)
    order = np.argsort(~kept, axis=1, kind="stable")
    kept = np.take_along_axis(kept, order, axis=1)
    index = np.where(kept, np.take_along_axis(space.index, order, axis=1), -1)
    similarity = np.where(kept, np.take_along_axis(space.similarity, order, axis=1), 0.0)
    return Neighbours(space.name, index, similarity.astype(space.similarity.dtype))
