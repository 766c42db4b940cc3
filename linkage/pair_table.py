"""The table of scored pairs: what ``pairs.parquet`` holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd

from blocking.candidates import Candidates
from features.distinct import sorted_distinct
from features.ordering import stable_order
from features.records import Records
from linkage.match_definition import MatchDefinition
from linkage.pair_model import PairModel
from linkage.partition import Clustering

__all__ = ["Scored", "is_near", "pair_table", "worth_writing"]

#: Share of the threshold below which a score is far from any match.
_FAR = 0.1


class Scored(Protocol):
    """What one match definition came to, in rows."""

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


def pair_table(
    records: Records, results: Sequence[Scored]
) -> tuple[pd.DataFrame, tuple[np.ndarray, np.ndarray]]:
    """Scored pairs of all definitions, ordered by rows.

    Args:
        records: the rows.
        results: what each definition came to; its pairs are distinct.

    Returns:
        ``left_id, right_id``, then ``score, match, blockers``, with several definitions after
        their names: NaN and no blockers where a definition did not score a pair. And the rows of
        the pairs, two arrays int32.
    """
    single = len(results) == 1
    keys = [_keys(result, records.n) for result in results]
    whole = keys[0][0] if single else sorted_distinct(np.concatenate([key for key, _ in keys]))
    left = (whole // max(records.n, 1)).astype(np.int32)
    right = (whole % max(records.n, 1)).astype(np.int32)
    columns: dict[str, Any] = {"left_id": records.ids[left], "right_id": records.ids[right]}
    for result in results:
        prefix = "" if single else f"{result.definition.name}_"
        key, rows = keys.pop(0)
        at = slice(None) if single else np.searchsorted(whole, key)
        del key
        score = np.full(len(whole), np.nan)
        score[at] = result.probability[rows]
        codes, categories = _blocker_names(result.candidates, rows)
        names = np.full(len(whole), -1, codes.dtype)
        names[at] = codes
        labels = result.clustering.labels
        columns[f"{prefix}score"] = score
        # A pair that a definition did not score may still be in one of its clusters.
        columns[f"{prefix}match"] = labels[left] == labels[right]
        columns[f"{prefix}blockers"] = pd.Categorical.from_codes(names, categories=categories)
        del codes, names, at, rows
    return pd.DataFrame(columns, copy=False), (left, right)


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
    together = labels[candidates.left] == labels[candidates.right]
    return np.asarray((probability >= _FAR * threshold) | together)


def worth_writing(
    candidates: Candidates, probability: np.ndarray, threshold: float, labels: np.ndarray
) -> np.ndarray:
    """Whether pairs are near a match (`is_near`), or a rule says that they are none; bool[m]."""
    return is_near(candidates, probability, threshold, labels) | (probability == 0)


def _keys(result: Scored, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Keys (left * n + right) of a definition's pairs, ascending, and their positions."""
    found = result.candidates
    rows = np.arange(len(found), dtype=np.int32)
    keys = found.left.astype(np.int64) * n + found.right
    if len(keys) > 1 and not (keys[1:] > keys[:-1]).all():
        order = stable_order(keys)
        keys, rows = keys[order], rows[order]
    return keys, rows


def _blocker_names(candidates: Candidates, rows: np.ndarray) -> tuple[np.ndarray, pd.Index[str]]:
    """Number of the blockers of each pair, and their names, joined by ``+``."""
    codes, masks = pd.factorize(candidates.blockers[rows], sort=True)
    names = [
        "+".join(n for k, n in enumerate(candidates.names) if int(mask) >> k & 1) for mask in masks
    ]
    return codes.astype(np.min_scalar_type(-len(names) - 1)), pd.Index(names, dtype=object)
