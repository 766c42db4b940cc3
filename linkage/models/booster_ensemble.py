"""Booster ensembles: one booster per fold, each scoring the pairs that it was not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Thread
from typing import TYPE_CHECKING

import numpy as np

from features.arrays.chunked import in_order
from linkage.models.booster_text import SavedBooster
from linkage.models.contributions import BASE, BOUND, Contributions
from linkage.models.tree_library import load_lightgbm
from linkage.models.tree_predictor import TreePredictor

if TYPE_CHECKING:
    import lightgbm

__all__ = ["LARGEST", "BoosterEnsemble", "import_ahead"]

#: Bound of raw scores; those of boosters trained on easy pairs grow without bound.
LARGEST = 10.0
_PREDICTED_AT_ONCE = 20_000


@dataclass(frozen=True)
class BoosterEnsemble:
    """Boosters that are averaged, or of which each scores the pairs of its fold.

    Attributes:
        boosters: one per fold, or any number to be averaged.
        by_fold: whether a pair is scored by the booster of its fold (modulo their number), which
            was not trained on it; otherwise by the mean.
        weight: weight of the ensemble in the pair model's raw score.
        centre: raw score that counts as 0.
        columns: positions of the features that the boosters take; None for all.
    """

    boosters: Sequence[lightgbm.Booster | SavedBooster]
    by_fold: bool
    weight: float = 1.0
    centre: float = 0.0
    columns: list[int] | None = None

    @cached_property
    def _forests(self) -> list[TreePredictor]:
        return [TreePredictor.of(booster) for booster in self.boosters]

    def looks_at(self, features: Sequence[int]) -> bool:
        """Whether any booster splits on one of these features, given by their positions."""
        used = {int(f) for forest in self._forests for f in forest.used}
        if self.columns is not None:
            used = {self.columns[f] for f in used}
        return not used.isdisjoint(features)

    def raw(self, matrix: np.ndarray, fold: np.ndarray, threads: int) -> np.ndarray:
        """Raw score (log-odds) of each pair, float64, shape (m,)."""
        out = np.zeros(len(matrix))
        if self.columns is not None:
            matrix = matrix[:, self.columns]
        matrix = np.ascontiguousarray(matrix, np.float32)
        share = 1.0 if self.by_fold else 1 / len(self.boosters)
        forests = self._forests
        fold = fold % len(forests)

        def score(start: int) -> None:
            rows = np.arange(start, min(start + _PREDICTED_AT_ONCE, len(matrix)))
            for k, forest in enumerate(forests):
                chosen = rows[fold[rows] == k] if self.by_fold else rows
                forest.add_to(out, matrix, chosen, share)

        for _ in in_order(score, range(0, len(matrix), _PREDICTED_AT_ONCE), threads):
            pass
        return np.clip(out, -LARGEST, LARGEST)

    def contributions(
        self, matrix: np.ndarray, fold: np.ndarray, threads: int, names: list[str]
    ) -> Contributions:
        """Contributions that sum to `raw`: the SHAP value of each feature, base and bound.

        Args:
            matrix, fold, threads: as for `raw`.
            names: names of the matrix's columns.
        """
        if self.columns is not None:
            matrix, names = matrix[:, self.columns], [names[k] for k in self.columns]
        out = np.zeros((len(matrix), len(names) + 2))
        for k, booster in enumerate(self.boosters):
            own = fold % len(self.boosters) == k
            chosen = np.flatnonzero(own) if self.by_fold else np.arange(len(matrix))
            if len(chosen):
                values = np.asarray(
                    booster.predict(matrix[chosen], pred_contrib=True, num_threads=threads)
                )
                out[chosen, :-1] += values if self.by_fold else values / len(self.boosters)
        total = out.sum(axis=1)
        out[:, -1] = np.clip(total, -LARGEST, LARGEST) - total
        names = [*names, BASE, BOUND]
        return Contributions(names, ["boosters"] * len(names), out)


def import_ahead() -> None:
    """Starts importing LightGBM in a thread, as that takes a second while other code can run."""
    Thread(target=load_lightgbm, daemon=True).start()
