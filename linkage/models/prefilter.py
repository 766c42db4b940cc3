"""The prefilter: a small booster over cheap features that rejects most pairs before comparison.

Features of values, codes and numbers take less than half the time of those of words. The booster
learns from compared pairs which of them the pair model takes for matches; its threshold passes all
but a few of these. A cascade of classifiers (Viola and Jones 2001).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from linkage.io.saved.json_fields import FieldError, Fields
from linkage.models.booster_text import SavedBooster
from linkage.models.tree_predictor import TreePredictor

if TYPE_CHECKING:
    import lightgbm

__all__ = ["Prefilter", "raw_score"]

#: Far more features than two records can be compared by.
_MOST_COLUMNS = 1 << 20


@dataclass(frozen=True)
class Prefilter:
    """Rejects pairs that hardly match, by their cheap features.

    Attributes:
        booster: the booster.
        columns: positions of its features among all features.
        cut: raw score from which a pair passes.
        chance: mean probability of a match of rejected pairs, which is their score.
        passing: share of pairs that passed in the sample that the cut was chosen on.
    """

    booster: lightgbm.Booster | SavedBooster
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
        """The prefilter as plain values, for JSON."""
        kept = {one.name: getattr(self, one.name) for one in fields(self)}
        return {**kept, "booster": self.booster.model_to_string()}

    @classmethod
    def from_dict(cls, state: Mapping[str, Any] | Fields) -> Prefilter:
        """The prefilter that :meth:`to_dict` described.

        Raises:
            FieldError: a value is missing or none that it gives.
        """
        given = Fields.of(state)
        booster = SavedBooster(given.text("booster"))
        columns = given.counts("columns", 0, _MOST_COLUMNS)
        if booster.num_feature() != len(columns):
            raise FieldError(f"{given.path('columns')}: they are not those of the booster")
        return cls(
            booster,
            columns,
            given.number("cut"),
            given.number("chance", 0, 1),
            given.number("passing", 0, 1),
        )


def raw_score(forest: TreePredictor, matrix: np.ndarray) -> np.ndarray:
    """Raw scores of a booster for pairs, float64, shape (m,)."""
    out = np.zeros(len(matrix))
    forest.add_to(out, np.ascontiguousarray(matrix), np.arange(len(matrix)), 1.0)
    return out
