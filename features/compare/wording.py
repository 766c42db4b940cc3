"""Wording features: word-by-word differences of the main attribute, for supervised models.

They measure the words that only one of two texts has (not counting those that are in the other when
it is written without spaces), the numbers that only one has, and the order of words: the common
prefix, whether the last words are equal, and the share of adjacent words that are adjacent in both.
Most of this overlaps with other features of words; it improves models that learn from labels.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from features.compare.wording_kernels import SIDES, TOGETHER, glued_words, wording_features
from features.feature_names import engine_feature
from features.prepare import PreparedRecords
from features.text.tokens import tokenise

__all__ = ["WordingFeatures", "is_wording_feature"]

_NAMES = [engine_feature("wording", name) for name in TOGETHER] + [
    engine_feature("wording", f"{name}_{side}") for name in SIDES for side in ("min", "max")
]


class WordingFeatures:
    """Compares the main attribute of pairs of records word by word.

    Args:
        records: the records; without a main attribute all features are NaN.

    Attributes:
        names: of the features.
    """

    names = _NAMES

    def __init__(self, records: PreparedRecords) -> None:
        self._sets = None if records.main is None else records.attributes[records.main].words
        if self._sets is None:
            return
        self._vocabulary = records.vocabulary
        table = tokenise(records.records.table.column(records.main))
        self._order = table.indptr
        by_hash = np.argsort(self._vocabulary.hashes)
        ranked = self._vocabulary.hashes[by_hash]
        self._words = by_hash[np.searchsorted(ranked, table.hashes)].astype(np.int32)
        self._numeric = _numeric(self._vocabulary.text, self._vocabulary.offsets)
        self._glued = glued_words(
            self._order, self._words, self._vocabulary.offsets, self._vocabulary.text
        )

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Features of the pairs: float32, shape (m, 11), NaN where a side has no words.

        Swapping the sides gives the same.
        """
        if self._sets is None:
            return np.full((len(left), len(self.names)), np.nan, np.float32)
        s, v = self._sets, self._vocabulary
        offsets, glued = self._glued
        return np.asarray(
            wording_features(
                s.indptr, s.ids, s.weights, self._numeric, v.text, v.offsets, offsets, glued,
                self._order, self._words, left, right,
            )
        )  # fmt: skip


def is_wording_feature(feature: str) -> bool:
    """Whether a feature is one of :class:`WordingFeatures`."""
    return feature in _NAMES


@njit(nogil=True, cache=True)
def _numeric(text, offsets):
    """1 for each word of nothing but digits and points, float32."""
    out = np.zeros(len(offsets) - 1, np.float32)
    for word in range(len(out)):
        digits = True
        for k in range(offsets[word], offsets[word + 1]):
            digits &= 48 <= text[k] <= 57 or text[k] == 46
        out[word] = digits
    return out
