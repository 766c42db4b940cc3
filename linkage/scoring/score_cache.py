"""The score cache of a session: no candidate is scored twice by one model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from blocking.candidates import Candidates
from linkage.models.pair_model import PairModel

__all__ = ["CandidateScores", "ScoreCache"]


@dataclass(frozen=True)
class CandidateScores:
    """The scores of a session's candidates.

    Attributes:
        probability: probability of a match of each candidate, float64[m].
        prefiltered: candidates that the prefilter rejected, bool[m]; their probability is the mean
            of rejected pairs.
    """

    probability: np.ndarray
    prefiltered: np.ndarray


class ScoreCache:
    """Keeps the scores of the model that scored last."""

    def __init__(self) -> None:
        self._last: tuple[PairModel, Candidates, CandidateScores] | None = None

    def look_up(self, model: PairModel, candidates: Candidates) -> CandidateScores:
        """The scores that a model gave to these candidates before; NaN where it gave none."""
        if self._last is None or not self._last[0].scores_as(model):
            nothing = np.full(len(candidates), np.nan)
            return CandidateScores(nothing, np.zeros(len(candidates), bool))
        _, before, scores = self._last
        prefiltered = scores.prefiltered
        if prefiltered.any():
            prefiltered = candidates.carried(before, prefiltered.astype(np.float64)) == 1
        elif before is not candidates:
            prefiltered = np.zeros(len(candidates), bool)
        return CandidateScores(candidates.carried(before, scores.probability), prefiltered)

    def keep(self, model: PairModel, candidates: Candidates, scores: CandidateScores) -> None:
        """Keeps the scores of a model in place of those of another."""
        self._last = model, candidates, scores

    def clear(self) -> None:
        """Removes all scores."""
        self._last = None
