"""Document frequencies of terms, learned from one catalog and saved with a model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numba import njit

from features.arrays.ordering import stable_order
from features.text.sets import rarity

__all__ = ["Statistics"]


@dataclass
class Statistics:
    """Document frequencies of terms by term space (a column's words, its character n-grams, ...).

    A new object learns the frequencies of the rows that it first weighs. A frozen one, of a saved
    model, applies its own, so that the score of a pair does not depend on the other rows of the
    file. Terms never seen count as the rarest.

    Attributes:
        frozen: whether frequencies are applied rather than learned.
        documents: number of rows that each space's frequencies were counted in.
        keys: term keys of each space, ascending, uint64.
        frequencies: rows that hold each of those terms, int64.
        mentioned: attribute -> text column -> values of the attribute whose mentions there count.
    """

    frozen: bool = False
    documents: dict[str, int] = field(default_factory=dict)
    keys: dict[str, np.ndarray] = field(default_factory=dict)
    frequencies: dict[str, np.ndarray] = field(default_factory=dict)
    mentioned: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def as_frozen(self) -> Statistics:
        """The same frequencies, applied rather than learned."""
        return replace(self, frozen=True)

    def weigher(
        self, space: str, documents: int, term_keys: np.ndarray | None = None
    ) -> Callable[[np.ndarray], np.ndarray]:
        """A function that gives the weights of terms by their numbers, see `rarity`.

        Args:
            space: name of the term space.
            documents: rows of the table being prepared.
            term_keys: key of each term number that stays the same in other catalogs (a hash of its
                text); by default the number itself.
        """

        def weigh(ids: np.ndarray) -> np.ndarray:
            frequency = _counts(ids, int(ids.max(initial=-1)) + 1)
            terms = np.flatnonzero(frequency)
            keys = terms.astype(np.uint64) if term_keys is None else term_keys[terms]
            counts = frequency[terms]
            if self.frozen:
                total = self.documents.get(space, documents)
                counts = self._known(space, keys)
            else:
                total = documents
                order = stable_order(keys)
                self.documents[space] = documents
                self.keys[space] = keys[order]
                self.frequencies[space] = counts[order]
            weights = np.zeros(len(frequency), np.float32)
            weights[terms] = rarity(counts, total)
            return weights[ids]

        return weigh

    def _known(self, space: str, keys: np.ndarray) -> np.ndarray:
        """Known frequencies of terms, 1 for those never seen."""
        known_keys = self.keys.get(space, np.zeros(0, np.uint64))
        known = self.frequencies.get(space, np.zeros(0, np.int64))
        if not len(known_keys):
            return np.ones(len(keys), np.int64)
        at = np.minimum(np.searchsorted(known_keys, keys), len(known_keys) - 1)
        return np.where(known_keys[at] == keys, known[at], 1)


@njit(nogil=True, cache=True)
def _counts(ids, size):
    """How often each id occurs, int64[size]; ``numpy.bincount`` would copy the ids first."""
    out = np.zeros(size, np.int64)
    for k in range(len(ids)):
        out[ids[k]] += 1
    return out
