"""What adds up to a score: one column for each thing that pushed it, one row a pair.

A booster's part is taken apart by its SHAP values (Lundberg and Lee 2017; for trees, Lundberg et
al. 2020), as LightGBM computes them; a Fellegi-Sunter part is a sum by itself. What no feature
explains is a column of its own: where a part begins (`BASE`), and what its bounds took off
(`BOUND`). So each row's sum is the score, whatever the parts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    pass

__all__ = ["BASE", "BOUND", "Contributions", "joined"]

#: Where a part begins before it has seen any feature.
BASE = "base"
#: What the bounds of a part took off the sum of its features.
BOUND = "bound"


@dataclass(frozen=True)
class Contributions:
    """What adds up to the scores of pairs.

    Attributes:
        names: of each column what contributed: a feature, a view of several, `BASE` or `BOUND`.
        sources: of each column the part of the model that it is of: ``boosters``,
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
        """The same, each contribution times a factor."""
        return Contributions(self.names, self.sources, self.values * factor)

    def shifted(self, by: float) -> Contributions:
        """The same with a constant added to where its part begins."""
        values = self.values.copy()
        values[:, self.names.index(BASE)] += by
        return Contributions(self.names, self.sources, values)


def joined(parts: Iterable[Contributions], pairs: int) -> Contributions:
    """Contributions to the sum of several scores of the same pairs.

    Args:
        parts: of each score its contributions; those of one name and source are added up.
        pairs: number of pairs.
    """
    columns: dict[tuple[str, str], np.ndarray] = {}
    for part in parts:
        for k, key in enumerate(zip(part.names, part.sources, strict=True)):
            columns[key] = columns.get(key, 0.0) + part.values[:, k]
    values = np.column_stack(list(columns.values())) if columns else np.zeros((pairs, 0))
    return Contributions([n for n, _ in columns], [s for _, s in columns], values)
