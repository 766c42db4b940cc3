"""Terms of a pair's score beside boosters: evidence of an identifier, and a linear part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from linkage.models.contributions import BASE, Contributions

__all__ = ["IdentifierEvidence", "LinearPart"]


@dataclass(frozen=True)
class IdentifierEvidence:
    """Evidence of a trade number, added to the score of the other features.

    Attributes:
        feature: the feature that is 1 where the numbers of two records are equal, 0 where not.
        equal: log-likelihood ratio of equal numbers.
        differ: log-likelihood ratio of different ones.
    """

    feature: str
    equal: float
    differ: float


@dataclass(frozen=True)
class LinearPart:
    """A part of the raw score that is a linear function of one feature.

    Attributes:
        feature: name of the feature; log-odds are 0 where it is unknown.
        slope, intercept: coefficients by which it becomes log-odds.
        weight: weight of the part in the pair model's raw score.
    """

    feature: str
    slope: float
    intercept: float
    weight: float

    def raw(self, column: np.ndarray) -> np.ndarray:
        """Log-odds of pairs from the feature's values, float64, shape (m,)."""
        return np.nan_to_num(self.slope * column.astype(np.float64) + self.intercept)

    def contributions(self, column: np.ndarray) -> Contributions:
        """Contributions that sum to `raw`; 0 where the feature is unknown."""
        known = ~np.isnan(column)
        value = np.where(known, self.raw(column) - self.intercept, 0.0)
        base = np.where(known, self.intercept, 0.0)
        return Contributions([self.feature, BASE], ["linear"] * 2, np.column_stack([value, base]))
