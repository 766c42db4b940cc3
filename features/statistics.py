"""Vocabulary statistics: how rare each term is, learned from one catalog and kept with a model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from features.sets import rarity

__all__ = ["Statistics"]


@dataclass
class Statistics:
    """Document frequencies by space (a column's words, its character grams, all codes ...).

    A fresh object learns the frequencies of the rows it first weighs; a frozen one (from a saved
    model) applies what it knows, so that a pair scores the same whatever else is in the file. Terms
    never seen count as the rarest.

    Attributes:
        frozen: whether frequencies are applied rather than learned.
        documents: rows behind each space's frequencies.
        keys: term keys of each space, ascending, uint64.
        frequencies: rows that hold each of those terms, int64.
        mentioned: attribute -> text column -> values of the attribute whose mentions there count.
    """

    frozen: bool = False
    documents: dict[str, int] = field(default_factory=dict)
    keys: dict[str, np.ndarray] = field(default_factory=dict)
    frequencies: dict[str, np.ndarray] = field(default_factory=dict)
    mentioned: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def weigher(
        self, space: str, documents: int, term_keys: np.ndarray | None = None
    ) -> Callable[[np.ndarray], np.ndarray]:
        """Gives the function that turns term numbers into rarity weights.

        Args:
            space: name of the term space.
            documents: rows of the table being prepared.
            term_keys: lasting key of each term number; by default the number itself is its key.
        """

        def weigh(ids: np.ndarray) -> np.ndarray:
            terms, inverse, counts = _count(ids)
            keys = terms.astype(np.uint64) if term_keys is None else term_keys[terms]
            if not self.frozen:
                order = np.argsort(keys)
                self.documents[space] = documents
                self.keys[space] = keys[order]
                self.frequencies[space] = counts[order]
                return rarity(counts, documents)[inverse]
            known_keys = self.keys.get(space, np.zeros(0, np.uint64))
            known = self.frequencies.get(space, np.zeros(0, np.int64))
            found = np.ones(len(keys), np.int64)
            if len(known_keys):
                at = np.minimum(np.searchsorted(known_keys, keys), len(known_keys) - 1)
                found = np.where(known_keys[at] == keys, known[at], 1)
            return rarity(found, self.documents.get(space, documents))[inverse]

        return weigh


def _count(ids: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distinct terms, each occurrence's position among them, and their counts; in linear time."""
    if len(ids) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)
    frequency = np.bincount(ids)
    terms = np.flatnonzero(frequency)
    position = np.zeros(len(frequency), np.int32)
    position[terms] = np.arange(len(terms), dtype=np.int32)
    return terms, position[ids], frequency[terms]
