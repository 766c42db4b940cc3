"""Context features: similarity of a pair less that of the best other neighbour of its records."""

from __future__ import annotations

import numpy as np

from blocking.neighbours import Neighbours, sparse_spaces
from features.compare.set_kernels import cosine
from features.feature_names import engine_feature
from features.prepare import PreparedRecords
from features.text.sets import SparseSets

__all__ = ["ContextFeatures", "context_feature_groups"]

#: Spaces with context features; the words of the main attribute repeat those of the record.
_SPACES = ("words", "characters", "main characters")


class ContextFeatures:
    """Gap of a pair's similarity to the best other neighbour of each of its records.

    In a linkage of tables without internal duplicates a match is more similar than every other pair
    of its records, whatever the scale of the similarity. Ranks and counts are no features: they
    mislead where a product has many offers.

    Args:
        name: name of the space.
        sets: the sets whose cosine the space ranks by.
        neighbours: neighbours of every record in that space.
    """

    def __init__(self, name: str, sets: SparseSets, neighbours: Neighbours) -> None:
        self._sets = sets
        self._neighbours = neighbours
        stem = name.replace(" ", "_")
        self.names: list[str] = [
            engine_feature("context", f"{stem}_{suffix}")
            for suffix in ("row_gap", "column_gap", "min_gap")
        ]

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Row, column and lesser gap: float32, shape (m, 3), NaN where a side is unknown."""
        similarity = cosine(self._sets, left, right)
        row = similarity - self._best_other(left, right)
        column = similarity - self._best_other(right, left)
        return np.column_stack([row, column, np.minimum(row, column)]).astype(np.float32)

    def _best_other(self, rows: np.ndarray, partners: np.ndarray) -> np.ndarray:
        """Similarity of each row's best neighbour that is not its partner; 0 without any."""
        index, similarity = self._neighbours.index, self._neighbours.similarity
        if index.shape[1] == 0:
            return np.zeros(len(rows), np.float32)
        second = similarity[rows, 1] if index.shape[1] > 1 else np.zeros(len(rows), np.float32)
        return np.where(index[rows, 0] == partners, second, similarity[rows, 0])


def context_feature_groups(
    records: PreparedRecords, neighbours: dict[str, Neighbours]
) -> list[ContextFeatures]:
    """Context features of all similarity spaces with lists of neighbours.

    Args:
        records: prepared records of two tables.
        neighbours: neighbour lists by name of the space.
    """
    spaces = sparse_spaces(records)
    return [
        ContextFeatures(name, spaces[name], neighbours[name])
        for name in _SPACES
        if name in spaces and name in neighbours
    ]
