"""The table of scored pairs, which ``pairs.parquet`` holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import pandas as pd

from blocking.candidates import Candidates
from features.arrays.ordering import stable_order
from linkage.clustering.partition import Clustering
from linkage.config.match_definition import MatchDefinition
from linkage.models.pair_model import PairModel
from linkage.results.column_names import column_prefix
from linkage.results.pair_kernels import are_ascending, equal_at, merge_pairs

__all__ = ["FAR", "PairTable", "Scored", "is_near", "pair_table", "worth_writing"]

#: Share of the threshold below which a score is far from any match.
FAR = 0.1


class Scored(Protocol):
    """The result of one match definition, in rows."""

    @property
    def definition(self) -> MatchDefinition: ...
    @property
    def model(self) -> PairModel: ...
    @property
    def candidates(self) -> Candidates: ...
    @property
    def probability(self) -> np.ndarray: ...
    @property
    def clustering(self) -> Clustering: ...


@dataclass(frozen=True)
class PairTable:
    """Scored pairs of all definitions.

    Attributes:
        left, right: rows of the records, int32[m].
        columns: ``score, match, blockers``, with several definitions after their names: NaN and no
            blockers where a definition did not score a pair.
    """

    left: np.ndarray
    right: np.ndarray
    columns: Mapping[str, np.ndarray | pd.Categorical]

    def __len__(self) -> int:
        return len(self.left)

    def at(self, place: np.ndarray) -> PairTable:
        """The same pairs, rows standing elsewhere.

        Args:
            place: where each row stands, int32[n].
        """
        return replace(self, left=place[self.left], right=place[self.right])

    def frame(self, ids: np.ndarray) -> pd.DataFrame:
        """The table with ``left_id, right_id`` in front.

        Args:
            ids: id of each row, an object array.
        """
        columns = {"left_id": ids[self.left], "right_id": ids[self.right], **self.columns}
        return pd.DataFrame(columns, copy=False)


def pair_table(results: Sequence[Scored]) -> PairTable:
    """Scored pairs of all definitions, ordered by rows.

    Args:
        results: the result of each definition; its pairs are distinct.
    """
    orders = [_order(result.candidates) for result in results]
    left, right, places = _merged(
        [_rows(one.candidates, order) for one, order in zip(results, orders, strict=True)]
    )
    columns: dict[str, Any] = {}
    for result in results:
        prefix = column_prefix(result.definition.name, results)
        order, at = orders.pop(0), places.pop(0)
        score = np.full(len(left), np.nan)
        score[at] = result.probability[order]
        codes, categories = _blocker_names(result.candidates)
        names = np.full(len(left), -1, codes.dtype)
        names[at] = codes[order]
        columns[f"{prefix}score"] = score
        # A pair that a definition did not score may still be in one of its clusters.
        columns[f"{prefix}match"] = equal_at(result.clustering.labels, left, right)
        columns[f"{prefix}blockers"] = pd.Categorical.from_codes(names, categories=categories)
        del codes, names, at, order
    return PairTable(left, right, columns)


def is_near(
    candidates: Candidates, probability: np.ndarray, threshold: float, labels: np.ndarray
) -> np.ndarray:
    """Whether pairs score at least a tenth of the threshold or are in one cluster, bool[m].

    Args:
        candidates: the pairs.
        probability: their scores.
        threshold: score at which a match begins.
        labels: cluster of each row.
    """
    together = equal_at(labels, candidates.left, candidates.right)
    return np.asarray((probability >= FAR * threshold) | together)


def worth_writing(
    candidates: Candidates,
    probability: np.ndarray,
    threshold: float,
    labels: np.ndarray,
    forbidden: np.ndarray | None = None,
) -> np.ndarray:
    """Whether pairs are near a match (`is_near`), or a rule forbids that they match; bool[m].

    Args:
        candidates, probability, threshold, labels: as for `is_near`.
        forbidden: pairs on which a ``cannot`` rule fires, bool[m]; none by default.
    """
    near = is_near(candidates, probability, threshold, labels)
    return near if forbidden is None else near | forbidden


def _order(found: Candidates) -> np.ndarray | slice:
    """Positions of pairs in the order of their rows."""
    if are_ascending(found.left, found.right):
        return slice(None)
    width = int(found.right.max()) + 1
    return stable_order(found.left.astype(np.int64) * width + found.right)


def _rows(found: Candidates, order: np.ndarray | slice) -> tuple[np.ndarray, np.ndarray]:
    """Rows of pairs in an order."""
    left, right = found.left[order], found.right[order]
    return left.astype(np.int32, copy=False), right.astype(np.int32, copy=False)


def _merged(
    lists: list[tuple[np.ndarray, np.ndarray]],
) -> tuple[np.ndarray, np.ndarray, list[np.ndarray | slice]]:
    """The distinct pairs of ascending lists, ascending, and where those of each list are."""
    left, right = lists[0]
    places: list[np.ndarray | slice] = [slice(None)]
    for one, other in lists[1:]:
        left, right, before, at = merge_pairs(left, right, one, other)
        places = [before[place] for place in places] + [at]
    return left, right, places


def _blocker_names(candidates: Candidates) -> tuple[np.ndarray, pd.Index[str]]:
    """Number of the blockers of each pair, and their names, joined by ``+``."""
    codes, masks = pd.factorize(candidates.blockers, sort=True)
    names = [
        "+".join(n for k, n in enumerate(candidates.names) if int(mask) >> k & 1) for mask in masks
    ]
    return codes.astype(np.min_scalar_type(-len(names) - 1)), pd.Index(names, dtype=object)
