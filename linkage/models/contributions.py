"""Contributions: additive terms of the scores of pairs, one column per feature, one row per pair.

The score of boosters is decomposed by SHAP values (Lundberg and Lee 2017; for trees, Lundberg et
al. 2020), as LightGBM computes them; a Fellegi-Sunter score is a sum by itself. Two columns belong
to no feature: the constant of a part (`BASE`), and what clipping changed (`BOUND`). So the sum of a
row is always the score.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

__all__ = ["BASE", "BOUND", "Contributions", "joined"]

#: The constant of a part: its score without any feature.
BASE = "base"
#: The difference that clipping makes to the sum of a part.
BOUND = "bound"


@dataclass(frozen=True)
class Contributions:
    """Terms that sum to the scores of pairs.

    Attributes:
        names: name of each column: a feature, a view of several features, `BASE` or `BOUND`.
        sources: part of the model that each column belongs to: ``boosters``,
            ``fellegi_sunter``, ``views`` or ``linear``.
        values: log-odds added, float64, shape (m, len(names)).
    """

    names: list[str]
    sources: list[str]
    values: np.ndarray

    def total(self) -> np.ndarray:
        """The scores, float64, shape (m,)."""
        return np.asarray(self.values.sum(axis=1))

    def scaled(self, factor: float) -> Contributions:
        """The contributions times a factor."""
        return Contributions(self.names, self.sources, self.values * factor)

    def shifted(self, by: float) -> Contributions:
        """The contributions with a constant added to `BASE`."""
        values = self.values.copy()
        values[:, self.names.index(BASE)] += by
        return Contributions(self.names, self.sources, values)


def joined(parts: Iterable[Contributions], pairs: int) -> Contributions:
    """Contributions to the sum of several scores of the same pairs.

    Args:
        parts: contributions to each score; columns of one name and source are added.
        pairs: number of pairs.
    """
    columns: dict[tuple[str, str], np.ndarray] = {}
    for part in parts:
        for k, key in enumerate(zip(part.names, part.sources, strict=True)):
            columns[key] = columns.get(key, 0.0) + part.values[:, k]
    values = np.column_stack(list(columns.values())) if columns else np.zeros((pairs, 0))
    return Contributions([n for n, _ in columns], [s for _, s in columns], values)
