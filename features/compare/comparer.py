"""The comparer: the feature matrix of pairs of records, computed chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from features.arrays.chunked import in_order
from features.arrays.ordering import stable_order
from features.compare.cheap_features import feature_group_makers, make_feature_groups
from features.compare.feature_groups import (
    FeatureGroup,
    InPlaceGroup,
    ReorderableGroup,
    SetFeatures,
    StringFeatures,
    VectorFeatures,
)
from features.compare.full_features import full_feature_groups
from features.compare.overlap import OverlapFeatures
from features.feature_names import measure_of
from features.prepare import PreparedRecords

__all__ = ["Comparer", "direction"]

Made = TypeVar("Made")

#: Measures that fall as two records become more alike; all others rise.
_FALLING = (
    "rarest_unshared_min",
    "rarest_unshared_max",
    "difference",
    "log_ratio",
    "log_days",
    "conflict",
    "none_shared",
    "unshared_max",
    "hash_difference",
    "colour_difference",
)
#: Measures that say nothing of how alike two records are.
_NEUTRAL = ("common", "length_ratio")
#: Pairs of a chunk. It bounds memory; larger chunks were no faster.
_CHUNK = 50_000
#: Pairs of a chunk whose cheap features are computed together: few enough that their part of the
#: matrix stays in the processor's cache while one group after another fills its columns.
_PAIRS_IN_CACHE = 16_384
#: Groups that compare sets of words: most of the time of cheap features, hence left out where a
#: prefilter looks first.
_WORD_GROUPS = (SetFeatures, OverlapFeatures)


def direction(name: str) -> int:
    """+1 for a feature that rises as two records become more alike, -1 if it falls, 0 if neither.

    Args:
        name: name of the feature, see `features.feature_names`.
    """
    measure = measure_of(name)
    if measure in _NEUTRAL:
        return 0
    return -1 if measure in _FALLING else 1


@dataclass(frozen=True)
class _GroupColumns:
    """A feature group and where its features go.

    Attributes:
        group: the feature group.
        columns: its columns in the matrix of all groups.
        reordered: whether it takes records by their positions in the locality order, rather than
            by their rows.
    """

    group: FeatureGroup
    columns: slice
    reordered: bool

    def write(self, left: np.ndarray, right: np.ndarray, out: np.ndarray) -> None:
        """Writes the features of pairs into their columns of the matrix ``out``."""
        if isinstance(self.group, InPlaceGroup):
            self.group.fill(left, right, out[:, self.columns])
        else:
            out[:, self.columns] = self.group.compare(left, right)


class Comparer:
    """Computes the features of pairs of prepared records.

    Args:
        records: prepared records.
        vectors: unit vectors of the records by name, each float32 of shape (n, dimensions).
        cheap: whether only features are computed that take under two microseconds a pair: overlap
            of words, codes and facts, and Jaro-Winkler similarity of only those words of the main
            attribute that differ.
        threads: threads to use; the result does not depend on it.
        chunk: pairs compared at a time.
        names: the features that are wanted, in order, those of a saved model; features that these
            records do not have are NaN. By default all that the records have.
        extra: further feature groups, such as those that compare the neighbours of two records.
        locality_order: position of each record, int32, shape (n,), in an order in which compared
            records stand near each other (`blocking.locality`). Cheap features copy their data into
            that order, since reading memory far apart takes as long as all else.
        cheap_groups: the groups of cheap features in the locality order, where they were made
            before (`features.compare.cheap_features`); by default they are made from the records.

    Attributes:
        names: names of the columns of the feature matrix.
    """

    def __init__(
        self,
        records: PreparedRecords,
        *,
        vectors: dict[str, np.ndarray] | None = None,
        cheap: bool = False,
        threads: int = 1,
        chunk: int = _CHUNK,
        names: list[str] | None = None,
        extra: Sequence[FeatureGroup] = (),
        locality_order: np.ndarray | None = None,
        cheap_groups: Sequence[FeatureGroup] | None = None,
    ) -> None:
        self.threads = threads
        self.chunk = chunk
        self.cheap = cheap
        self._position = locality_order if cheap else None
        #: The record at each position of the locality order.
        self._record = None if self._position is None else stable_order(self._position)
        self._groups: list[_GroupColumns] = []
        self._width = 0
        if not cheap:
            first = full_feature_groups(records, threads)
        elif cheap_groups is None:
            first = make_feature_groups(feature_group_makers(records, self._record), threads)
        else:
            first = list(cheap_groups)
        for group in first:
            self._append(group, reordered=self._position is not None)
        for name, array in (vectors or {}).items():
            self._append(*self._reordered(VectorFeatures(name, array)))
        for group in extra:
            self._append(*self._reordered(group))
        own = [name for group in self.groups for name in group.names]
        self.names: list[str] = own if names is None else names
        #: Column of each wanted feature among the computed ones, -1 where the records lack it.
        self._selected: np.ndarray | None = None
        if self.names != own:
            at = {name: k for k, name in enumerate(own)}
            self._selected = np.array([at.get(name, -1) for name in self.names], int)

    @property
    def groups(self) -> list[FeatureGroup]:
        """The feature groups, in the order of their columns."""
        return [one.group for one in self._groups]

    def add(self, group: FeatureGroup) -> None:
        """Adds a feature group, or replaces the one with the same columns.

        New columns come last. Not allowed where the features of a saved model were asked for.
        """
        assert self._selected is None, "the columns of a saved model are settled"
        for k, known in enumerate(self._groups):
            if known.group.names == group.names:
                changed, reordered = self._reordered(group)
                self._groups[k] = _GroupColumns(changed, known.columns, reordered)
                return
        self._append(*self._reordered(group))
        self.names = [*self.names, *group.names]

    def _append(self, group: FeatureGroup, reordered: bool) -> None:
        columns = slice(self._width, self._width + len(group.names))
        self._groups.append(_GroupColumns(group, columns, reordered))
        self._width = columns.stop

    def _reordered(self, group: FeatureGroup) -> tuple[FeatureGroup, bool]:
        """The group in the locality order if there is one and it can be, and whether it is."""
        if self._record is not None and isinstance(group, ReorderableGroup):
            return group.reordered(self._record), True
        return group, False

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Feature matrix of pairs of records.

        Args:
            left, right: rows of the records, shape (m,).

        Returns:
            float32, shape (m, len(names)); NaN is unknown.
        """
        out = np.empty((len(left), len(self.names)), np.float32)
        for start, part in self.stream(left, right, lambda pairs, matrix: matrix):
            out[start : start + len(part)] = part
        return out

    def stream(
        self,
        left: np.ndarray,
        right: np.ndarray,
        work: Callable[[np.ndarray, np.ndarray], Made],
        promising: Callable[[np.ndarray], np.ndarray] | None = None,
    ) -> Iterator[tuple[int, Made]]:
        """Yields ``(position of the chunk's first pair, work(pairs, features))`` for each chunk.

        Chunks come in order and no more of them are in memory than are under way. Cheap features
        are computed one chunk a thread, and ``work`` runs in that thread while they are in its
        cache. Others are computed group by group, since string measures bring threads of their own,
        and ``work`` runs in the calling thread.

        Args:
            left, right: rows of the records, shape (m,).
            work: called with the positions of pairs of one chunk, ascending among the m pairs, and
                their features, float32, shape (pairs, len(names)). It must not depend on other
                chunks.
            promising: a prefilter. Given a matrix in which only `quick_columns` are filled in, it
                says which pairs are compared in full, bool; ``work`` gets these alone. By default
                all pairs are.
        """
        assert promising is None or self.quick_columns, "there are no features to filter by"
        left = np.ascontiguousarray(left, np.int32)
        right = np.ascontiguousarray(right, np.int32)
        starts = range(0, len(left), self.chunk)

        def compare_and_work(start: int) -> Made:
            chunk = slice(start, start + self.chunk)
            kept, matrix = self._cheap_matrix(left[chunk], right[chunk], promising)
            return work(start + kept, matrix)

        if self.cheap:
            yield from in_order(compare_and_work, starts, self.threads)
            return
        with ThreadPoolExecutor(self.threads) as pool:
            for start in starts:
                chunk = slice(start, start + self.chunk)
                matrix = self._full_matrix(pool, left[chunk], right[chunk])
                yield start, work(np.arange(start, start + len(matrix)), matrix)

    @property
    def quick_columns(self) -> list[int]:
        """Columns of the features that a prefilter may look at: all but those of sets of words.

        Empty where features are not cheap, or come in another order than that of the groups.
        """
        if not self.cheap or self._selected is not None:
            return []
        quick = [one.columns for one in self._groups if not isinstance(one.group, _WORD_GROUPS)]
        return [column for columns in quick for column in range(columns.start, columns.stop)]

    def _full_matrix(
        self, pool: ThreadPoolExecutor, left: np.ndarray, right: np.ndarray
    ) -> np.ndarray:
        """Features of a chunk, one group a thread, string measures with all threads."""
        out = np.empty((len(left), self._width), np.float32)
        for one in self._groups:
            if isinstance(one.group, StringFeatures):
                one.write(left, right, out)
        others = [one for one in self._groups if not isinstance(one.group, StringFeatures)]
        list(pool.map(lambda one: one.write(left, right, out), others))
        return self._wanted(out)

    def _cheap_matrix(
        self,
        left: np.ndarray,
        right: np.ndarray,
        promising: Callable[[np.ndarray], np.ndarray] | None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Positions in a chunk of the promising pairs, or of all, and their features."""
        words = [one for one in self._groups if isinstance(one.group, _WORD_GROUPS)]
        others = [one for one in self._groups if not isinstance(one.group, _WORD_GROUPS)]
        kept, matrices = [], []
        whole = np.empty((0 if promising else len(left), self._width), np.float32)
        for start in range(0, len(left), _PAIRS_IN_CACHE):
            part = np.arange(start, min(start + _PAIRS_IN_CACHE, len(left)))
            a, b = left[part], right[part]
            if promising is None:
                self._write(self._groups, a, b, whole[start : start + len(part)])
                continue
            out = np.empty((len(part), self._width), np.float32)
            self._write(others, a, b, out)
            chosen = np.flatnonzero(promising(out))
            out = out[chosen]
            self._write(words, a[chosen], b[chosen], out)
            kept.append(part[chosen])
            matrices.append(out)
        if promising is None:
            return np.arange(len(left)), self._wanted(whole)
        return np.concatenate(kept), np.concatenate(matrices)

    def _write(
        self, groups: list[_GroupColumns], left: np.ndarray, right: np.ndarray, out: np.ndarray
    ) -> None:
        """Writes the features of some groups into the matrix ``out``."""
        rows = positions = left, right
        if self._position is not None:
            positions = self._position[left], self._position[right]
        for one in groups:
            one.write(*(positions if one.reordered else rows), out)

    def _wanted(self, out: np.ndarray) -> np.ndarray:
        """The wanted features of the computed ones, NaN for those that the records lack."""
        if self._selected is None:
            return out
        wanted = np.full((len(out), len(self.names)), np.nan, np.float32)
        wanted[:, self._selected >= 0] = out[:, self._selected[self._selected >= 0]]
        return wanted
