"""The scorer: from the features of a pair to the calibrated log-odds of a match."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from features.feature_names import group_of
from linkage.models.booster_ensemble import BoosterEnsemble
from linkage.models.evidence.hidden_sources import AcrossSources, HiddenSources
from linkage.models.evidence.known_matches import (
    KnownMatches,
    KnownPartners,
    is_known_match_feature,
)
from linkage.models.evidence.score_terms import IdentifierEvidence, LinearPart
from linkage.models.fellegi_sunter import FellegiSunter
from linkage.models.grouped_fellegi_sunter import GroupedFellegiSunter

__all__ = ["PairScorer", "denoise", "is_neighbour_feature"]


@dataclass(frozen=True)
class PairScorer:
    """Scores pairs by their features.

    The raw score is the weighted mean of the parts: boosters, a Fellegi-Sunter model, a linear
    part. Then the evidence of an identifier and of known matches is added, and slope and intercept
    turn the sum into calibrated log-odds of a match.

    Attributes:
        names: features it expects, in order.
        hidden: positions of features that the parts are given as unknown: those of the identifier
            that the labels were derived from.
        ensembles: boosters, each ensemble with its weight.
        fellegi_sunter: Fellegi-Sunter part, if any; its weight is one.
        linear: a part that is a linear function of one feature, if any.
        lowest: whether the raw score is the lower of the boosters' and the Fellegi-Sunter part's
            scores instead of their mean.
        noise: for labels derived from an identifier, (share of matches, share of other pairs) with
            equal identifiers; None for other labels.
        identifier: evidence of that identifier, added to the raw score.
        known: labelled matches, and their evidence against other matches, if any.
        sources: tells two sources of one table apart, if it holds two and none lists a product
            twice; their evidence is added after calibration.
        folds: folds of ensembles that score by fold.
        slope, intercept: calibration (Platt 1999) of the raw score.
    """

    names: list[str]
    hidden: Sequence[int] = ()
    ensembles: tuple[BoosterEnsemble, ...] = ()
    fellegi_sunter: FellegiSunter | GroupedFellegiSunter | None = None
    linear: LinearPart | None = None
    lowest: bool = False
    noise: tuple[float, float] | None = None
    identifier: IdentifierEvidence | None = None
    known: KnownMatches | None = None
    sources: HiddenSources | None = None
    folds: int = 5
    slope: float = 1.0
    intercept: float = 0.0

    def raw(self, matrix: np.ndarray, fold: np.ndarray, threads: int = 1) -> np.ndarray:
        """Raw score of pairs before identifier evidence and calibration, float64, shape (m,)."""
        total, weight = np.zeros(len(matrix)), 0.0
        visible = matrix
        looking = self.fellegi_sunter is not None or self.linear is not None
        if self.hidden and (looking or any(part.looks_at(self.hidden) for part in self.ensembles)):
            visible = matrix.copy()
            visible[:, list(self.hidden)] = np.nan
        for part in self.ensembles:
            total += part.weight * (part.raw(visible, fold, threads) - part.centre)
            weight += part.weight
        if self.lowest and self.fellegi_sunter is not None and weight:
            lower: np.ndarray = np.minimum(total / weight, self.fellegi_sunter.log_odds(visible))
            return lower
        if self.fellegi_sunter is not None:
            total += self.fellegi_sunter.log_odds(visible)
            weight += 1.0
        if self.linear is not None:
            column = visible[:, self.names.index(self.linear.feature)]
            total += self.linear.weight * self.linear.raw(column)
            weight += self.linear.weight
        return total / max(weight, 1e-9)

    def log_odds(self, matrix: np.ndarray, fold: np.ndarray, threads: int = 1) -> np.ndarray:
        """Calibrated log-odds of a match, float64, shape (m,).

        Args:
            matrix: features, float32, shape (m, len(names)).
            fold: fold of each pair (of its left record).
            threads: threads to use.
        """
        return self.adjusted(self.raw(matrix, fold, threads), matrix)

    def adjusted(self, score: np.ndarray, matrix: np.ndarray) -> np.ndarray:
        """Calibrated log-odds from raw scores, with label noise and all further evidence.

        Args:
            score: raw scores of the pairs.
            matrix: their features.
        """
        if self.noise is not None:
            equal_share, chance = self.noise
            score = denoise(score, equal_share, chance)
        if self.identifier is not None:
            equal = matrix[:, self.names.index(self.identifier.feature)]
            score = score + np.where(equal == 1, self.identifier.equal, 0.0)
            score = score + np.where(equal == 0, self.identifier.differ, 0.0)
        if self.known is not None:
            columns = [self.names.index(name) for name in KnownPartners.names]
            score = score + self.known.against(matrix[:, columns])
        log_odds = self.slope * score + self.intercept
        if self.sources is not None:
            across = matrix[:, self.names.index(AcrossSources.names[0])]
            log_odds = log_odds + self.sources.evidence(across)
        return log_odds

    def probability(self, matrix: np.ndarray, fold: np.ndarray, threads: int = 1) -> np.ndarray:
        """Calibrated probability of a match, float64, shape (m,)."""
        return expit(self.log_odds(matrix, fold, threads))

    def importance(self) -> dict[str, float]:
        """Share of each feature in the gain of the boosters' splits, largest first."""
        gain = np.zeros(len(self.names))
        for part in self.ensembles:
            columns = slice(None) if part.columns is None else part.columns
            for booster in part.boosters:
                gain[columns] += part.weight * booster.feature_importance("gain")
        total = max(gain.sum(), 1e-12)
        order = np.argsort(-gain, kind="stable")
        return {self.names[k]: float(gain[k] / total) for k in order if gain[k] > 0}


def is_neighbour_feature(feature: str) -> bool:
    """Whether a feature depends on the neighbours of a pair's records."""
    return group_of(feature) in ("context", "prior") or is_known_match_feature(feature)


def denoise(score: np.ndarray, equal_share: float, chance: float) -> np.ndarray:
    """Log-odds of a match from log-odds of equal identifiers: p = (q - u) / (m - u).

    Args:
        score: log-odds that the identifiers are equal.
        equal_share: share m of matches whose identifiers are equal.
        chance: share u of other pairs whose identifiers are equal.
    """
    p = np.clip((expit(score) - chance) / (equal_share - chance), 1e-4, 1 - 1e-4)
    return np.log(p / (1 - p))
