"""Parts of a pair's score that no booster gives: trade numbers, and features that are scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from linkage.models.contributions import BASE, Contributions

__all__ = ["IdentifierEvidence", "LinearPart"]


@dataclass(frozen=True)
class IdentifierEvidence:
    """What a trade number adds, once the rest of the pair has been scored without it.

    Attributes:
        feature: the feature that says of two records whether they share the identifier.
        equal: log-ratio added where both records carry the same number.
        differ: log-ratio added where they carry different ones.
    """

    feature: str
    equal: float
    differ: float


@dataclass(frozen=True)
class LinearPart:
    """A feature that is a score itself, as a part of the raw score.

    Attributes:
        feature: its name; unknown counts as nought.
        slope, intercept: what makes log-odds of it.
        weight: factor of the part in the pair model's raw score.
    """

    feature: str
    slope: float
    intercept: float
    weight: float

    def raw(self, column: np.ndarray) -> np.ndarray:
        """Log-odds of pairs from the feature's values, float64, shape (m,)."""
        return np.nan_to_num(self.slope * column.astype(np.float64) + self.intercept)

    def contributions(self, column: np.ndarray) -> Contributions:
        """What adds up to `raw`: nothing where the feature is unknown."""
        known = ~np.isnan(column)
        told = np.where(known, self.raw(column) - self.intercept, 0.0)
        base = np.where(known, self.intercept, 0.0)
        return Contributions([self.feature, BASE], ["linear"] * 2, np.column_stack([told, base]))
