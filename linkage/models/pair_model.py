"""The pair model: a scorer, the threshold of a match, and what else a decision rests on."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from linkage.models.cross_encoder import CrossEncoderEvidence
from linkage.models.pair_scorer import PairScorer, is_neighbour_feature
from linkage.models.prefilter import Prefilter
from linkage.models.training_account import TrainingAccount, TrainingSource

__all__ = ["PairModel"]


@dataclass(frozen=True)
class PairModel:
    """What was learned for a match definition about its pairs.

    Trainers return it complete; what differs by a field is made with `dataclasses.replace`.

    Attributes:
        scorer: from features to calibrated log-odds of a match.
        threshold: probability at which a match begins.
        one_to_one: whether each record has at most one partner in the other table.
        judged_against_rivals: whether a pair scored by itself is judged against the other
            candidates of its records.
        training: what it was learned from.
        base_model: the model learned without labels whose score is among the features, if any.
        cross_encoder: evidence of a language model, which needs the texts of the records and is
            added by whoever has them (`linkage.scoring.score`).
        prefilter: rejects most pairs by their cheap features where very many are scored, if any.
    """

    scorer: PairScorer
    threshold: float = 0.5
    one_to_one: bool = False
    judged_against_rivals: bool = False
    training: TrainingAccount = field(default_factory=TrainingAccount)
    base_model: PairModel | None = None
    cross_encoder: CrossEncoderEvidence | None = None
    prefilter: Prefilter | None = None

    @property
    def names(self) -> list[str]:
        """Features it expects, in order."""
        return self.scorer.names

    @property
    def is_anchored(self) -> bool:
        """Whether labels or trade numbers taught it, so that its scores can be believed alone."""
        labelled = self.training.source is TrainingSource.LABELS
        return labelled or self.scorer.identifier is not None

    @property
    def sees_neighbours(self) -> bool:
        """Whether features come from the neighbours of a pair's records."""
        return any(map(is_neighbour_feature, self.names))

    def log_odds(self, matrix: np.ndarray, fold: np.ndarray, threads: int = 1) -> np.ndarray:
        """Calibrated log-odds of a match by features alone, see `PairScorer.log_odds`."""
        return self.scorer.log_odds(matrix, fold, threads)

    def probability(self, matrix: np.ndarray, fold: np.ndarray, threads: int = 1) -> np.ndarray:
        """Calibrated probability of a match by features alone, float64, shape (m,)."""
        return self.scorer.probability(matrix, fold, threads)

    def scores_as(self, other: PairModel) -> bool:
        """Whether another model gives every pair the same score, whatever its threshold."""
        return (
            self.scorer is other.scorer
            and self.cross_encoder is other.cross_encoder
            and self.prefilter is other.prefilter
        )
