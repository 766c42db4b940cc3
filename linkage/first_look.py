"""A first look at a pair, by which most that cannot match are let go before they are compared.

Values, codes and numbers take less than half the time of words and tell most pairs of unlike
records. A small booster learns from compared pairs which of them the model takes for a match, by
these alone; its cut lets all but a few of them pass. After cascades of classifiers (Viola and Jones
2001).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from linkage.boosters import train_small
from linkage.forest import Forest
from linkage.tree_library import load_lightgbm

if TYPE_CHECKING:
    import lightgbm

__all__ = ["FirstLook", "learn_first_look"]

#: Share of the model's matches that may be let go.
_LOST = 0.001
#: Share of the pairs that pass, above which a first look does not pay.
_MOST_PASSING = 0.5
#: Matches below which so small a share of them cannot be told.
_FEWEST_MATCHES = 5_000
#: Pairs that the booster learns from, and pairs that set its cut.
_LEARNED_FROM, _JUDGED_BY = 40_000, 120_000


@dataclass
class FirstLook:
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
    def _forest(self) -> Forest:
        return Forest.of(self.booster).over(np.array(self.columns))

    def promising(self, matrix: np.ndarray) -> np.ndarray:
        """Whether pairs pass, bool, shape (m,).

        Args:
            matrix: features, float32, shape (m, f); only those of ``columns`` are looked at.
        """
        return _raw(self._forest, matrix) >= self.cut

    def to_dict(self) -> dict[str, Any]:
        """What it is, for JSON."""
        kept = {one.name: getattr(self, one.name) for one in fields(self)}
        return {**kept, "booster": self.booster.model_to_string()}

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> FirstLook:
        """What :meth:`to_dict` described."""
        return cls(**{**state, "booster": load_lightgbm().Booster(model_str=state["booster"])})


def learn_first_look(
    matrix: np.ndarray,
    chance: Callable[[np.ndarray], np.ndarray],
    threshold: float,
    columns: list[int],
    seed: int,
) -> FirstLook | None:
    """Learns which pairs a model takes for matches, from some features.

    Args:
        matrix: features of compared pairs, shape (m, f).
        chance: gives what the model says of some of them, by their positions.
        threshold: chance from which it takes them for matches.
        columns: positions of the features to look at.
        seed: random seed.

    Returns:
        The first look; None where it would let too many pairs pass, or too little is known.
    """
    if not columns or len(matrix) <= _LEARNED_FROM:
        return None
    order = np.random.default_rng(seed).permutation(len(matrix))[: _LEARNED_FROM + _JUDGED_BY]
    known = chance(order)
    match = known >= threshold
    if match.sum() < _FEWEST_MATCHES:
        return None
    quick = matrix[order][:, columns]
    booster = train_small(quick[:_LEARNED_FROM], match[:_LEARNED_FROM], seed)
    score = _raw(Forest.of(booster), quick[_LEARNED_FROM:])
    known, match = known[_LEARNED_FROM:], match[_LEARNED_FROM:]
    if not match.any():
        return None
    matches = np.sort(score[match])
    cut = float(matches[int(_LOST * len(matches))])
    passing = score >= cut
    if passing.mean() > _MOST_PASSING:
        return None
    others = known[~passing]
    return FirstLook(booster, columns, cut, float(others.mean()), float(passing.mean()))


def _raw(forest: Forest, matrix: np.ndarray) -> np.ndarray:
    out = np.zeros(len(matrix))
    forest.add_to(out, np.ascontiguousarray(matrix), np.arange(len(matrix)), 1.0)
    return out
