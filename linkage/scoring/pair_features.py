"""Features of the pairs of a session: those of the comparer, and those that models add."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias, TypeVar

import numpy as np

from blocking.candidates import Candidates
from features.arrays.chunked import in_order
from features.compare.comparer import Comparer
from features.compare.feature_groups import FeatureGroup
from features.compare.wording import WordingFeatures, is_wording_feature
from features.records import Records
from linkage.models.evidence.hidden_sources import AcrossSources, HiddenSources, is_source_feature
from linkage.models.evidence.known_matches import (
    KnownMatches,
    KnownPartners,
    is_known_match_feature,
    record_hashes,
)
from linkage.models.pair_model import PairModel
from linkage.scoring.base_score import BaseScore, base_model_columns, is_base_score_feature
from linkage.scoring.compared_pairs import ComparedPairs

__all__ = ["PairFeatures", "PairWork", "is_added_feature"]

Made = TypeVar("Made")
#: Work on a chunk of pairs: takes their positions among all pairs, their features and their folds.
PairWork: TypeAlias = Callable[[np.ndarray, np.ndarray, np.ndarray], Made]


class PairFeatures:
    """Compares pairs chunk by chunk, so that a chunk's features are used while in the CPU's cache.

    Features of all candidates may be kept (`keep`); what is added later is added to them, too.

    Args:
        comparer: compares pairs of records.
        fold: fold of each record.
        threads: threads to use; no result depends on it.
    """

    def __init__(self, comparer: Comparer, fold: np.ndarray, threads: int) -> None:
        self.comparer = comparer
        self._fold = fold
        self._threads = threads
        self._base_score: BaseScore | None = None
        self._wording: WordingFeatures | None = None
        self._known: KnownPartners | None = None
        self._sources: AcrossSources | None = None
        self._kept: tuple[Candidates, ComparedPairs] | None = None

    @property
    def names(self) -> list[str]:
        """Names of the features of a pair."""
        base = [] if self._base_score is None else self._base_score.names
        wording = [] if self._wording is None else self._wording.names
        known = () if self._known is None else self._known.names
        sources = () if self._sources is None else self._sources.names
        return [*self.comparer.names, *base, *wording, *known, *sources]

    @property
    def is_extended(self) -> bool:
        """Whether models add features to those of the comparer."""
        return len(self.names) > len(self.comparer.names)

    @property
    def threads_inside(self) -> int:
        """Threads that the work on a chunk may use; one where chunks are worked on in parallel."""
        return 1 if self.comparer.cheap else self._threads

    @property
    def quick_columns(self) -> list[int]:
        """See `Comparer.quick_columns`; none where features are added to those of the comparer."""
        return [] if self.is_extended else self.comparer.quick_columns

    def matrix(
        self, left: np.ndarray, right: np.ndarray, tell: Callable[[float], None]
    ) -> np.ndarray:
        """Features of pairs, float32, shape (m, len(names)).

        Args:
            left, right: rows.
            tell: called with the share done.
        """
        matrix = np.empty((len(left), len(self.names)), np.float32)

        def copy(at: np.ndarray, part: np.ndarray, fold: np.ndarray) -> int:
            matrix[at[0] : at[0] + len(at)] = part
            return int(at[0]) + len(at)

        for done in self.stream(left, right, copy):
            tell(done / len(left))
        return matrix

    def stream(
        self,
        left: np.ndarray,
        right: np.ndarray,
        work: PairWork[Made],
        *,
        promising: Callable[[np.ndarray], np.ndarray] | None = None,
    ) -> Iterator[Made]:
        """Compares pairs chunk by chunk and yields the results of the work, in their order.

        Args:
            left, right: rows.
            work: work on a chunk; must not depend on other chunks, and may use ``threads_inside``
                threads.
            promising: returns which pairs are compared in full, bool, given a matrix in which only
                `quick_columns` are filled in; the work is done on these pairs. All by default.
        """

        def compared(at: np.ndarray, matrix: np.ndarray) -> Made:
            a, b = left[at], right[at]
            fold = self._fold[a]
            return work(at, self._extended(a, b, matrix, fold), fold)

        found = self.comparer.stream(left, right, compared, promising=promising)
        yield from (made for _, made in found)

    def stream_kept(
        self, candidates: Candidates, chosen: np.ndarray, work: PairWork[Made]
    ) -> Iterator[Made]:
        """The same as :meth:`stream` for some candidates, with features that are kept if there are.

        Args:
            candidates: the candidates.
            chosen: positions of some of them.
            work: see :meth:`stream`; it is given positions in ``chosen``.
        """
        left, right = candidates.left[chosen], candidates.right[chosen]
        kept = self.kept(candidates)
        if kept is None:
            yield from self.stream(left, right, work)
            return
        chunk = self.comparer.chunk

        def looked_up(start: int) -> Made:
            at = np.arange(start, min(start + chunk, len(chosen)))
            return work(at, kept.matrix[chosen[at]], self._fold[left[at]])

        threads = self._threads if self.comparer.cheap else 1
        found = in_order(looked_up, range(0, len(chosen), chunk), threads)
        yield from (made for _, made in found)

    def kept(self, candidates: Candidates) -> ComparedPairs | None:
        """The compared pairs of these candidates, if they are kept."""
        if self._kept is None or self._kept[0] is not candidates:
            return None
        return self._kept[1]

    def keep(self, candidates: Candidates, compared: ComparedPairs) -> None:
        """Keeps the features of all candidates in place of those of others."""
        self._kept = candidates, compared

    def add_groups(self, groups: Sequence[FeatureGroup]) -> None:
        """Adds feature groups, which replace features of the same names."""
        for group in groups:
            self.comparer.add(group)
        added = {name for group in groups for name in group.names}

        def changed(kept: ComparedPairs) -> ComparedPairs:
            # All at once: the matrix is copied for each change.
            at = {name: k for k, name in enumerate(self.names)}
            matrix = np.empty((len(kept), len(at)), np.float32)
            others = [k for k, name in enumerate(kept.names) if name not in added]
            matrix[:, [at[kept.names[k]] for k in others]] = kept.matrix[:, others]
            for group in groups:
                columns = [at[name] for name in group.names]
                matrix[:, columns] = group.compare(kept.left, kept.right)
            return replace(kept, matrix=matrix, names=self.names)

        self._change(changed)

    def add_base_model(self, model: PairModel, candidates: Candidates, records: int) -> None:
        """Makes the score of a model learned without labels a feature of every pair.

        Args:
            model: a model of these features, as they are without a base score.
            candidates: the candidates, which are each other's rivals.
            records: number of rows.
        """
        columns = base_model_columns(model, self.comparer.names)
        log_odds = np.empty(len(candidates))

        def score(
            at: np.ndarray, matrix: np.ndarray, fold: np.ndarray
        ) -> tuple[np.ndarray, np.ndarray]:
            return at, model.log_odds(matrix[:, columns], fold, self.threads_inside)

        for at, scores in self.stream_kept(candidates, np.arange(len(candidates)), score):
            log_odds[at] = scores
        base = self._base_score = BaseScore(
            model, self.comparer.names, candidates.left, candidates.right, log_odds, records
        )

        def changed(kept: ComparedPairs) -> ComparedPairs:
            matrix = base.extend(kept.left, kept.right, kept.matrix, kept.fold, self._threads)
            return kept.extended(matrix[:, kept.matrix.shape[1] :], base.names)

        self._change(changed)

    def add_wording(self, group: WordingFeatures) -> None:
        """Adds features of the words in names, which are of use to models learned from labels."""
        self._wording = group
        self._change(lambda kept: kept.extended(group.compare(kept.left, kept.right), group.names))

    def add_known_matches(self, matches: KnownMatches, records: Records) -> None:
        """Makes it a feature of every pair whether its records are known to match others.

        Args:
            matches: the known matches, of this or of other catalogs.
            records: the rows.
        """
        partners = self._known = KnownPartners(matches, record_hashes(records))
        self._change(
            lambda kept: kept.extended(partners.flags(kept.left, kept.right), partners.names)
        )

    def add_sources(self, sources: HiddenSources, records: Records) -> None:
        """Makes it a feature of every pair whether its records are of different sources.

        Args:
            sources: tells the sources of records.
            records: the rows.
        """
        across = self._sources = AcrossSources(sources, records)
        self._change(
            lambda kept: kept.extended(across.compare(kept.left, kept.right), across.names)
        )

    def drop_added(self) -> None:
        """Removes what models added, so that others can be learned."""
        if self.is_extended:
            self._base_score = self._wording = self._known = self._sources = None
            self._change(lambda kept: kept.select(self.names))

    def _extended(
        self, left: np.ndarray, right: np.ndarray, matrix: np.ndarray, fold: np.ndarray
    ) -> np.ndarray:
        """The features of the comparer followed by those that are added, float32, shape (m, f)."""
        if self._base_score is not None:
            matrix = self._base_score.extend(left, right, matrix, fold, self.threads_inside)
        if self._wording is not None:
            matrix = np.column_stack([matrix, self._wording.compare(left, right)])
        if self._known is not None:
            matrix = np.column_stack([matrix, self._known.flags(left, right)])
        if self._sources is not None:
            matrix = np.column_stack([matrix, self._sources.compare(left, right)])
        return matrix

    def _change(self, change: Callable[[ComparedPairs], ComparedPairs]) -> None:
        """Changes the features of the candidates that are kept, if there are any."""
        if self._kept is not None:
            self._kept = self._kept[0], change(self._kept[1])


def is_added_feature(feature: str) -> bool:
    """Whether a feature is one that models add to those of the comparer."""
    return (
        is_base_score_feature(feature)
        or is_wording_feature(feature)
        or is_known_match_feature(feature)
        or is_source_feature(feature)
    )
