"""Cut estimates: precision and recall of what a run accepts from a threshold on.

What a run accepts is what its clustering joins, so that rivals which an assignment rejects do not
count. The probabilities of the accepted pairs give the precision to expect; labels, weighted by the
number of pairs that they stand for, tell by how much these are wrong (a difference estimator,
Särndal, Swensson and Wretman 1992).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

__all__ = ["CutEstimate", "LabelledSample", "estimate_cuts"]

#: Labels among the accepted pairs at which they and the probabilities count alike: with 10 instead
#: of 20 more targets are missed, as the threshold that looks best is partly so by chance; with 30
#: no fewer (`scripts/bench_dial.py`, nine tasks).
_LABELS_LIKE_PROBABILITIES = 20.0


@dataclass(frozen=True)
class LabelledSample:
    """Labelled candidates.

    Attributes:
        position: their positions among the candidates, int, shape (m,).
        probability: held-out probabilities, shape (m,).
        label: 1 match, 0 no match, shape (m,).
        weight: number of pairs that each stands for, up to a factor, shape (m,).
    """

    position: np.ndarray
    probability: np.ndarray
    label: np.ndarray
    weight: np.ndarray


@dataclass(frozen=True)
class CutEstimate:
    """What is expected of a threshold.

    Attributes:
        threshold: probability from which pairs match.
        accepted: number of candidates that are accepted.
        precision: share of these that match.
        recall: share of all matching candidates that are accepted.
        matching: number of matching candidates.
        labels: number of equally weighted labels among the accepted that would tell as much.
    """

    threshold: float
    accepted: int
    precision: float
    recall: float
    matching: float
    labels: float = 0.0

    @property
    def f1(self) -> float:
        """Expected F1 of the accepted candidates."""
        return 2 * self.precision * self.accepted / max(self.accepted + self.matching, 1e-9)


def estimate_cuts(
    probability: np.ndarray,
    accept: Callable[[np.ndarray, float], np.ndarray],
    thresholds: Sequence[float],
    sample: LabelledSample | None = None,
) -> list[CutEstimate]:
    """Return estimates of thresholds.

    Args:
        probability: probabilities of all candidates, shape (n,).
        accept: which candidates a run accepts, given their probabilities and the threshold, bool.
        thresholds: the thresholds, probabilities.
        sample: labelled candidates, if there are any. Their held-out probabilities replace those
            of the model that learned from them.
    """
    if sample is not None:
        probability = probability.copy()
        probability[sample.position] = sample.probability
    total = max(float(probability.sum()), 1e-9)
    estimates = []
    for threshold in thresholds:
        accepted = accept(probability, threshold)
        number, expected = int(np.count_nonzero(accepted)), float(probability[accepted].sum())
        one = CutEstimate(threshold, number, expected / max(number, 1), expected / total, total)
        estimates.append(one if sample is None else _corrected(one, sample, accepted))
    return estimates


def _corrected(one: CutEstimate, sample: LabelledSample, accepted: np.ndarray) -> CutEstimate:
    """Return an estimate drawn towards what the labels say, the more the more they are."""
    inside = accepted[sample.position]
    weight, label = sample.weight * inside, sample.label
    labels = _effective(weight)
    residual = float(weight @ (label - sample.probability)) / max(float(weight.sum()), 1e-300)
    precision = one.precision + residual * labels / (labels + _LABELS_LIKE_PROBABILITIES)
    matching = sample.weight * label
    share = _effective(matching) / (_effective(matching) + _LABELS_LIKE_PROBABILITIES)
    found = float(matching @ inside) / max(float(matching.sum()), 1e-300)
    recall = (1 - share) * one.recall + share * found
    precision = float(np.clip(precision, 0, 1))
    return replace(one, precision=precision, recall=recall, labels=labels)


def _effective(weight: np.ndarray) -> float:
    """Return the number of equally weighted labels that would tell as much (Kish 1965)."""
    return float(weight.sum() ** 2 / max(float((weight**2).sum()), 1e-300))
