"""Hidden sources: which of two shops a record of one table came from, told by how it is written.

A table that was put together from two exports holds no product twice within a source, so that its
siblings are no matches. Often no column names the source, but the two write the same things in
different ways: separators, capitals, forms of phone numbers, columns that one of them leaves empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.special import expit

from features.feature_names import engine_feature
from features.records import Records
from linkage.io.saved.json_fields import Fields

__all__ = ["AcrossSources", "HiddenSources", "is_source_feature", "style_of"]

_FEATURE = engine_feature("sources", "across")
#: Hashed character n-grams of a column, and of its shapes; longest n-gram; characters looked at.
_TERMS, _LONGEST, _CHARACTERS = 1024, 3, 240
#: Least probability that two records are of different sources: a style that is read wrongly must
#: not decide alone.
_LEAST = 1e-3


@dataclass(frozen=True)
class HiddenSources:
    """A logistic model of a record's source, given its style.

    Attributes:
        columns: the columns whose style is read.
        weights: weight of each style feature, float64, shape (features,).
        intercept: log-odds of the second source where all features are 0.
    """

    columns: tuple[str, ...]
    weights: np.ndarray
    intercept: float

    def of_second(self, records: Records) -> np.ndarray:
        """Return the probability that each record is of the second source, float64, shape (n,)."""
        return expit(style_of(records, self.columns) @ self.weights + self.intercept)

    def evidence(self, across: np.ndarray) -> np.ndarray:
        """Return what the sources add to the log-odds of pairs, float64, shape (m,).

        Matches are always of different sources, other pairs half of the time.

        Args:
            across: probability that the records of each pair are of different sources; shape (m,).
        """
        return np.log(2 * np.maximum(across.astype(np.float64), _LEAST))

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON; weights of 0 are left out."""
        at = np.flatnonzero(self.weights)
        return {
            "columns": list(self.columns),
            "features": len(self.weights),
            "at": at.tolist(),
            "weights": self.weights[at].tolist(),
            "intercept": self.intercept,
        }

    @classmethod
    def from_dict(cls, state: Mapping[str, Any] | Fields) -> HiddenSources:
        """Reads what :meth:`to_dict` gave.

        Raises:
            FieldError: a value is missing or none that it gives.
        """
        fields = Fields.of(state)
        columns = fields.texts("columns")
        size = len(columns) * (2 * _TERMS + 2)
        if fields.count("features", 0, size) != size:
            raise fields.fault("features", f"{size} for {len(columns)} columns")
        at = fields.counts("at", 0, size - 1)
        weights = np.zeros(size)
        weights[at] = fields.numbers("weights", len(at))
        return cls(tuple(columns), weights, fields.number("intercept"))


class AcrossSources:
    """The probability that the records of a pair are of different sources, as a feature of pairs.

    Args:
        sources: tells the sources.
        records: the rows.

    Attributes:
        names: the name of the feature.
    """

    names = (_FEATURE,)

    def __init__(self, sources: HiddenSources, records: Records) -> None:
        self._second = sources.of_second(records)

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """The feature of pairs of rows, float32, shape (m, 1)."""
        a, b = self._second[left], self._second[right]
        return (a * (1 - b) + b * (1 - a)).astype(np.float32)[:, None]


def is_source_feature(feature: str) -> bool:
    """Whether a feature tells sources apart, which boosters are not given."""
    return feature == _FEATURE


def style_of(records: Records, columns: Sequence[str]) -> sparse.csr_array:
    """Return how the records are written, float64, shape (n, features).

    Of each column: character n-grams of its values and of their shapes (in which all letters and
    all digits are alike), hashed; whether it is empty; the logarithm of its length.
    """
    import pandas as pd
    from sklearn.feature_extraction.text import HashingVectorizer

    hashing = HashingVectorizer(
        analyzer="char",
        ngram_range=(1, _LONGEST),
        n_features=_TERMS,
        alternate_sign=False,
        lowercase=False,
    )
    parts = []
    for name in columns:
        cells = records.values(name).to_pandas().fillna("").str.slice(0, _CHARACTERS)
        row, distinct = pd.factorize(cells)
        values = pd.Series(distinct, dtype="str")
        shapes = values.str.replace(r"[^\W\d_]", "a", regex=True).str.replace(
            r"\d", "0", regex=True
        )
        size = np.column_stack([values == "", 0.3 * np.log1p(values.str.len())])
        style = sparse.hstack(
            [hashing.transform(values), hashing.transform(shapes), sparse.csr_array(size)],
            format="csr",
        )
        parts.append(style[row])
    return sparse.csr_array(sparse.hstack(parts, format="csr"))
