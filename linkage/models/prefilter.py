"""A first look at a pair, by which most that cannot match are let go before they are compared.

Values, codes and numbers take less than half the time of words and tell most pairs of unlike
records. A small booster learns from compared pairs which of them the model takes for a match, by
these alone; its cut lets all but a few of them pass. After cascades of classifiers (Viola and Jones
2001).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from linkage.models.tree_predictor import TreePredictor

if TYPE_CHECKING:
    import lightgbm

__all__ = ["Prefilter", "raw_score"]


@dataclass(frozen=True)
class Prefilter:
    """Lets pairs pass that may match.

    Attributes:
        booster: learned from quick features.
        columns: positions of these among all features.
        cut: raw score from which a pair passes.
        chance: chance of a match of pairs that do not, on average.
        passing: share of the pairs that passed where the cut was set.
    """

    booster: lightgbm.Booster
    columns: list[int]
    cut: float
    chance: float
    passing: float

    @cached_property
    def _forest(self) -> TreePredictor:
        return TreePredictor.of(self.booster).over(np.array(self.columns))

    def promising(self, matrix: np.ndarray) -> np.ndarray:
        """Whether pairs pass, bool, shape (m,).

        Args:
            matrix: features, float32, shape (m, f); only those of ``columns`` are looked at.
        """
        return raw_score(self._forest, matrix) >= self.cut

    def to_dict(self) -> dict[str, Any]:
        """What it is, for JSON."""
        kept = {one.name: getattr(self, one.name) for one in fields(self)}
        return {**kept, "booster": self.booster.model_to_string()}

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> Prefilter:
        """What :meth:`to_dict` described."""
        import lightgbm

        return cls(**{**state, "booster": lightgbm.Booster(model_str=state["booster"])})


def raw_score(forest: TreePredictor, matrix: np.ndarray) -> np.ndarray:
    """Raw scores of a booster for pairs, float64, shape (m,)."""
    out = np.zeros(len(matrix))
    forest.add_to(out, np.ascontiguousarray(matrix), np.arange(len(matrix)), 1.0)
    return out
