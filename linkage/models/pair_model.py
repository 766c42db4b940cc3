"""The pair model of a match definition: a scorer, the threshold, and what else decides a match."""

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
    """A model that scores the pairs of a match definition and decides which of them match.

    Trainers return it complete; variants of it are made with `dataclasses.replace`.

    Attributes:
        scorer: computes calibrated log-odds of a match from features.
        threshold: probability from which a pair is a match.
        one_to_one: whether each record has at most one partner in the other table.
        judged_against_rivals: whether the score of a single pair takes the other candidates of its
            records into account.
        training: what it was learned from.
        base_model: the model learned without labels whose score is among the features, if any.
        cross_encoder: evidence of a language model, which `linkage.scoring.score` adds, as it has
            the texts of the records.
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
        """Whether it was learned from labels or trade numbers, so that its scores are reliable."""
        labelled = self.training.source is TrainingSource.LABELS
        evidence = self.scorer.identifier is not None and not self.joins_equal_keys
        return labelled or evidence

    @property
    def joins_equal_keys(self) -> bool:
        """Whether collapsed records of one product key are one cluster whatever else they score."""
        return self.training.source is TrainingSource.PRODUCT_KEYS

    @property
    def sees_neighbours(self) -> bool:
        """Whether any of its features depends on the neighbours of a pair's records."""
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
