"""Features of the pairs of a session, chunk by chunk: what is compared, and what models add."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias, TypeVar

import numpy as np

from blocking.candidates import Candidates
from features.arrays.chunked import in_order
from features.compare.comparer import Comparer
from features.compare.feature_groups import FeatureGroup
from features.compare.wording import WordingFeatures
from features.records import Records
from linkage.models.known_matches import KnownMatches, KnownPartners, record_hashes
from linkage.models.pair_model import PairModel
from linkage.scoring.base_score import BaseScore, base_model_columns
from linkage.scoring.compared_pairs import ComparedPairs

__all__ = ["PairFeatures", "PairWork"]

Made = TypeVar("Made")
#: Work on a chunk of pairs: takes their positions among all, their features and their folds.
PairWork: TypeAlias = Callable[[np.ndarray, np.ndarray, np.ndarray], Made]


class PairFeatures:
    """Compares pairs, and lets work be done on each chunk of features while it is in the cache.

    The features of all candidates are kept once they have been computed (`keep`), and follow what
    is added later.

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
        self._kept: tuple[Candidates, ComparedPairs] | None = None

    @property
    def names(self) -> list[str]:
        """Names of the features of a pair."""
        base = [] if self._base_score is None else self._base_score.names
        wording = [] if self._wording is None else self._wording.names
        known = () if self._known is None else self._known.names
        return [*self.comparer.names, *base, *wording, *known]

    @property
    def is_extended(self) -> bool:
        """Whether a model, wording or known matches add to what is compared."""
        return not (self._base_score is None and self._wording is None and self._known is None)

    @property
    def threads_inside(self) -> int:
        """Threads that the work on a chunk may use: where features are cheap, each has one."""
        return 1 if self.comparer.cheap else self._threads

    @property
    def quick_columns(self) -> list[int]:
        """See `Comparer.quick_columns`; none where anything is added to what is compared."""
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
        """Compares pairs and yields what is made of them, chunk by chunk, in their order.

        Args:
            left, right: rows.
            work: what is made of a chunk; must not depend on the others, and may use
                ``threads_inside`` threads.
            promising: which pairs are worth comparing in full, bool, from a matrix in which only
                `quick_columns` are filled in; the work is done on these alone. All by default.
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
        """As :meth:`stream` for some candidates, whose features are looked up where they are kept.

        Args:
            candidates: the candidates.
            chosen: positions of those that are wanted.
            work: see :meth:`stream`; its positions count among ``chosen``.
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
        known = self._kept is not None and self._kept[0] is candidates
        return self._kept[1] if known and self._kept is not None else None

    def keep(self, candidates: Candidates, compared: ComparedPairs) -> None:
        """Keeps the features of all candidates."""
        self._kept = candidates, compared

    def add_group(self, group: FeatureGroup) -> None:
        """Compares pairs in one more respect, or in another way in the same one."""
        self.comparer.add(group)

        def changed(kept: ComparedPairs) -> ComparedPairs:
            others = kept.select([name for name in kept.names if name not in group.names])
            columns = group.compare(kept.left, kept.right)
            return others.extended(columns, group.names).select(self.names)

        self._change(changed)

    def add_base_model(self, model: PairModel, candidates: Candidates, records: int) -> None:
        """Makes the score of a model learned without labels a feature of every pair.

        Args:
            model: a model of these features, as they are without a base score.
            candidates: the candidates, among which a pair has its rivals.
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
        """Compares names word by word, too, which only labels can make use of."""
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

    def drop_added(self) -> None:
        """Forgets base score, wording and known matches, so that others can be learned."""
        if self.is_extended:
            self._base_score = self._wording = self._known = None
            self._change(lambda kept: kept.select(self.names))

    def _extended(
        self, left: np.ndarray, right: np.ndarray, matrix: np.ndarray, fold: np.ndarray
    ) -> np.ndarray:
        """The compared features of pairs with those that are added to them."""
        if self._base_score is not None:
            matrix = self._base_score.extend(left, right, matrix, fold, self.threads_inside)
        if self._wording is not None:
            matrix = np.column_stack([matrix, self._wording.compare(left, right)])
        if self._known is not None:
            matrix = np.column_stack([matrix, self._known.flags(left, right)])
        return matrix

    def _change(self, change: Callable[[ComparedPairs], ComparedPairs]) -> None:
        """Changes the features of the candidates that are kept, if there are any."""
        if self._kept is not None:
            self._kept = self._kept[0], change(self._kept[1])
