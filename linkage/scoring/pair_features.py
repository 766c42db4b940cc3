"""Features of pairs of a session, chunk by chunk: what is compared and what is added to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np

from features.arrays.chunked import in_order
from features.compare.comparer import Comparer
from features.compare.wording import WordingFeatures
from linkage.models.known_matches import KnownPartners
from linkage.scoring.base_score import BaseScore

__all__ = ["PairFeatures"]

Made = TypeVar("Made")


class PairFeatures:
    """Compares pairs, and lets work be done on each chunk of features while it is in the cache.

    Args:
        comparer: compares pairs of records.
        fold: fold of each record.
        threads: threads to use; no result depends on it.

    Attributes:
        base_score: adds the score of a model learned without labels; None where there is none.
        wording: compares names word by word, where labels are learned from; None otherwise.
        known: adds whether the records are known to match others; None where nothing is known.
    """

    def __init__(self, comparer: Comparer, fold: np.ndarray, threads: int) -> None:
        self.comparer = comparer
        self.base_score: BaseScore | None = None
        self.wording: WordingFeatures | None = None
        self.known: KnownPartners | None = None
        self._fold = fold
        self._threads = threads

    @property
    def names(self) -> list[str]:
        """Names of the features of a pair."""
        base = [] if self.base_score is None else self.base_score.names
        wording = [] if self.wording is None else self.wording.names
        known = () if self.known is None else self.known.names
        return [*self.comparer.names, *base, *wording, *known]

    @property
    def threads_inside(self) -> int:
        """Threads that the work on a chunk may use: where features are cheap, each has one."""
        return 1 if self.comparer.cheap else self._threads

    def matrix(
        self, left: np.ndarray, right: np.ndarray, tell: Callable[[float], None]
    ) -> np.ndarray:
        """Features of pairs, float32, shape (m, len(names)).

        Args:
            left, right: rows.
            tell: called with the share done.
        """
        matrix = np.empty((len(left), len(self.names)), np.float32)
        for start, part in self.map(left, right, lambda start, part, fold: part):
            matrix[start : start + len(part)] = part
            tell((start + len(part)) / len(left))
        return matrix

    def map(
        self,
        left: np.ndarray,
        right: np.ndarray,
        work: Callable[[int, np.ndarray, np.ndarray], Made],
        known: Callable[[slice], np.ndarray] | None = None,
    ) -> Iterator[tuple[int, Made]]:
        """Yields ``(first pair, work(first pair, features, folds))`` chunk by chunk, in order.

        Args:
            left, right: rows.
            work: what is made of a chunk; must not depend on the others, and may use
                ``threads_inside`` threads.
            known: gives the features of a stretch of the pairs, where they are known already.
        """

        def folds(start: int, number: int) -> np.ndarray:
            return self._fold[left[start : start + number]]

        if known is not None:
            chunk = self.comparer.chunk

            def looked_up(start: int) -> Made:
                part = known(slice(start, start + chunk))
                return work(start, part, folds(start, len(part)))

            threads = self._threads if self.comparer.cheap else 1
            yield from in_order(looked_up, range(0, len(left), chunk), threads)
            return

        def compared(start: int, part: np.ndarray) -> Made:
            fold = folds(start, len(part))
            a, b = left[start : start + len(part)], right[start : start + len(part)]
            if self.base_score is not None:
                part = self.base_score.extend(a, b, part, fold, self.threads_inside)
            if self.wording is not None:
                part = np.column_stack([part, self.wording.compare(a, b)])
            if self.known is not None:
                part = np.column_stack([part, self.known.flags(a, b)])
            return work(start, part, fold)

        yield from self.comparer.map(left, right, compared)

    @property
    def quick_columns(self) -> list[int]:
        """See `Comparer.quick_columns`; none where anything is added to what is compared."""
        if self.base_score is not None or self.wording is not None or self.known is not None:
            return []
        return self.comparer.quick_columns

    def map_promising(
        self,
        left: np.ndarray,
        right: np.ndarray,
        promising: Callable[[np.ndarray], np.ndarray],
        work: Callable[[int, np.ndarray, np.ndarray, np.ndarray], Made],
    ) -> Iterator[tuple[int, Made]]:
        """As :meth:`map` for pairs that are promising, see `Comparer.map_promising`.

        Args:
            left, right: rows.
            promising: which pairs are, from their quick features.
            work: takes the first pair of a chunk, the positions in it of promising pairs, their
                features and their folds.
        """

        def compared(start: int, kept: np.ndarray, part: np.ndarray) -> Made:
            return work(start, kept, part, self._fold[left[start + kept]])

        yield from self.comparer.map_promising(left, right, promising, compared)
