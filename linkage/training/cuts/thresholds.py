"""Choosing thresholds: from labels by a threshold target, or without labels from decoys."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from linkage.models.bounded_logit import bounded_logit

__all__ = [
    "BEST_F1",
    "DecoyCut",
    "ThresholdTarget",
    "best_expected_threshold",
    "best_f1_threshold",
    "cut_for_target",
    "decoy_cut",
    "platt",
]

#: Share of the estimated matches, by score from the top, whose records are taken as matched.
_SURE_SHARE = 0.5
#: Matched records below which their decoys are too few for an estimate.
_FEWEST_SURE = 100
#: Weight of the F1 by labels in choosing a threshold; the rest is that of the expected F1.
_SHARE_OF_LABELS = 0.25
#: Log-odds by which a threshold may differ from that of best expected F1, between two labels.
_FARTHEST = 1.0
#: Penalty of one pseudo-observation on the slope and on the intercept of a calibration: the slope
#: of log-odds is seldom far from 1, the intercept varies with the share of matches.
_STIFFNESS = np.array([4.0, 0.5])


@dataclass(frozen=True)
class DecoyCut:
    """A cut of scores chosen without labels.

    Attributes:
        score: the cut; pairs of at least this score match.
        matches: estimated number of matches among the records.
        accepted: number of assigned pairs at or above the cut.
    """

    score: float
    matches: float
    accepted: int


def cut_for_target(
    score: np.ndarray,
    label: np.ndarray,
    *,
    precision: float | None = None,
    recall: float | None = None,
    weight: np.ndarray | None = None,
) -> float:
    """Return the cut of labelled scores that best meets a threshold target.

    Args:
        score: scores, higher for likelier matches.
        label: 1 match, 0 no match.
        precision: precision to reach, at the highest recall.
        recall: recall to reach, at the highest precision; without either: best F1.
        weight: weight of each pair; all equal by default.

    Returns:
        A cut half way between two scores; where no cut reaches the precision, the one that comes
        closest to it.
    """
    order = np.argsort(-score, kind="stable")
    weights = np.ones(len(score)) if weight is None else weight[order]
    ranked, hits = score[order], np.cumsum(weights * label[order])
    count, total = np.cumsum(weights), max(float(hits[-1]) if len(hits) else 0.0, 1e-9)
    last = np.append(ranked[1:] != ranked[:-1], True)
    hit_precision, hit_recall = hits / count, hits / total
    if precision is not None:
        reached = last & (hit_precision >= precision)
        merit = np.where(reached, 1 + hit_recall, hit_precision) * last
    elif recall is not None:
        reached = last & (hit_recall >= recall)
        merit = np.where(reached, 1 + hit_precision, hit_recall) * last
    else:
        merit = 2 * hits / (count + total) * last
    best = int(merit.argmax())
    below = ranked[best + 1] if best + 1 < len(ranked) else ranked[best] - 1.0
    return float((ranked[best] + below) / 2)


def best_expected_threshold(probability: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Return the threshold of best expected F1 of calibrated probabilities: half of that F1.

    Accepting a pair raises the expected F1 if its probability is above half of it (Lipton, Elkan
    and Naryanaswamy 2014).

    Args:
        probability: calibrated probabilities.
        weight: weight of each pair; all equal by default.
    """
    order = np.argsort(-probability, kind="stable")
    ranked = probability[order]
    if len(ranked) == 0 or ranked[0] <= 0:
        return 0.5
    weights = np.ones(len(ranked)) if weight is None else weight[order]
    expected = np.cumsum(weights * ranked)
    f1 = 2 * expected / (np.cumsum(weights) + expected[-1])
    return float(np.clip(f1.max() / 2, 0.05, 0.5))


def best_f1_threshold(
    probability: np.ndarray, label: np.ndarray, weight: np.ndarray | None = None
) -> float:
    """Return the threshold of best F1 on labelled pairs, regularised by calibrated probabilities.

    The F1 by labels alone overfits few labels; the expected F1 of the probabilities is smooth.
    Their weighted mean is maximised.

    Args:
        probability: calibrated probabilities of the labelled pairs.
        label: 1 match, 0 no match.
        weight: weight of each pair; all equal by default.

    Returns:
        A probability half way, in log-odds, between two of the pairs, but near half of the expected
        F1, the best threshold of calibrated probabilities: with few labels two neighbouring pairs
        can differ much.
    """
    order = np.argsort(-probability, kind="stable")
    ranked = np.clip(probability[order], 1e-9, 1 - 1e-9)
    weights = np.ones(len(ranked)) if weight is None else weight[order]
    count = np.cumsum(weights)
    f1 = np.zeros(len(ranked))
    for share, hit in ((_SHARE_OF_LABELS, label[order]), (1 - _SHARE_OF_LABELS, ranked)):
        f1 += share * 2 * np.cumsum(weights * hit) / (count + (weights * hit).sum())
    log_odds = np.log(ranked / (1 - ranked))
    last = np.append(log_odds[1:] != log_odds[:-1], True)
    best = int(np.argmax(f1 * last))
    below = log_odds[best + 1] if best + 1 < len(ranked) else log_odds[best] - 1.0
    expected = best_expected_threshold(probability, weight)
    centre = np.log(expected / (1 - expected))
    cut = np.clip((log_odds[best] + below) / 2, centre - _FARTHEST, centre + _FARTHEST)
    cut = np.clip(cut, below, log_odds[best])
    return float(np.clip(1 / (1 + np.exp(-cut)), 1e-6, 1 - 1e-6))


def platt(
    score: np.ndarray,
    label: np.ndarray,
    strength: float = 0.0,
    weight: np.ndarray | None = None,
) -> tuple[float, float]:
    """Return the slope and the intercept that turn scores into calibrated log-odds (Platt 1999).

    Targets are smoothed as in the paper, so that few labels do not give probabilities of 0 or 1.

    Args:
        score: raw scores.
        label: 1 match, 0 no match.
        strength: for scores that are log-odds already, pseudo-observations that hold the slope
            near 1 and the intercept near 0.
        weight: weight of each pair; all equal by default.
    """
    from scipy.optimize import minimize

    weights = np.ones(len(label)) if weight is None else weight
    positives = (weights * label).sum()
    negatives = weights.sum() - positives
    target = np.where(label == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        z = parameters[0] * score + parameters[1]
        error = weights * (1 / (1 + np.exp(-np.clip(z, -500, 500))) - target)
        deviation = parameters - np.array([1.0, 0.0])
        value = np.sum(weights * (np.logaddexp(0, z) - target * z)) + strength * np.sum(
            _STIFFNESS * deviation**2
        )
        slope = np.array([np.sum(error * score), np.sum(error)])
        return float(value), slope + 2 * strength * _STIFFNESS * deviation

    found = minimize(
        loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[(0.05, 20), (None, None)]
    )
    return float(found.x[0]), float(found.x[1])


def decoy_cut(
    left: np.ndarray,
    right: np.ndarray,
    score: np.ndarray,
    assigned: np.ndarray,
    sizes: tuple[int, int],
) -> DecoyCut:
    """Return a cut of the scores of one-to-one pairs, chosen without labels by target and decoy.

    The best candidate of a record other than its assigned one is a non-match, and scores like the
    assigned pair of a record without a match. So the share of these decoys above a score estimates
    the false positive rate (target-decoy search in proteomics, Elias and Gygi 2007); with the
    number of matches estimated from the same curve, the cut maximises the expected F1.

    Args:
        left, right: rows of the candidate pairs.
        score: their scores.
        assigned: whether each pair was chosen in a one-to-one assignment of all candidates.
        sizes: numbers of records of the left and of the right table.
    """
    smaller = left if sizes[0] <= sizes[1] else right
    records = min(sizes)
    others = np.flatnonzero(~assigned)
    order = others[np.lexsort((-score[others], smaller[others]))]
    best = np.ones(len(order), bool)
    best[1:] = smaller[order][1:] != smaller[order][:-1]
    decoys = order[best]
    targets = np.flatnonzero(assigned)
    targets = targets[np.argsort(-score[targets], kind="stable")]
    if len(targets) == 0:
        return DecoyCut(np.inf, 0.0, 0)
    if len(decoys) == 0:
        return DecoyCut(float(score[targets[-1]]), float(len(targets)), len(targets))
    first = _cut_by_decoys(score[targets], score[decoys], records)
    sure = targets[: int(first.matches * _SURE_SHARE)]
    if len(sure) < _FEWEST_SURE:
        return first
    # The assigned pair of an unmatched record is its best non-match, so its decoy is only the
    # second best. The decoy of a matched record is its best non-match.
    matched = np.isin(smaller[decoys], smaller[sure])
    if matched.sum() < _FEWEST_SURE:
        return first
    return _cut_by_decoys(score[targets], score[decoys[matched]], records)


def _cut_by_decoys(targets: np.ndarray, decoys: np.ndarray, records: int) -> DecoyCut:
    """Return the cut of best expected F1, given target scores from the highest and decoy scores."""
    decoys = np.sort(decoys)
    count = np.arange(1, len(targets) + 1)
    above = len(decoys) - np.searchsorted(decoys, targets, side="left")
    rate = (above + 0.5) / (len(decoys) + 1)
    # Storey's estimate (2002) of the share of true matches, at low false positive rates.
    usable = rate <= 0.5
    # The largest of many estimates is too high by chance. Less a standard error it hardly is, see
    # the lower bounds of Meinshausen and Rice (2006).
    error = np.sqrt(records * rate * (1 - rate) * (1 + records / len(decoys)))
    estimate = (count - records * rate - error) / (1 - rate)
    matches = float(np.clip(estimate[usable].max(initial=1.0), 1.0, records))
    false = np.minimum((records - matches) * rate, count)
    expected = 2 * (count - false) / (count + matches)
    chosen = int(expected.argmax())
    below = targets[chosen + 1] if chosen + 1 < len(targets) else targets[chosen] - 1.0
    return DecoyCut(float((targets[chosen] + below) / 2), matches, chosen + 1)


@dataclass(frozen=True)
class ThresholdTarget:
    """What a threshold aims at: a precision, a recall, or best F1 without either."""

    precision: float | None = None
    recall: float | None = None

    @property
    def value(self) -> float:
        """The precision or the recall; 0 without either."""
        return self.precision or self.recall or 0.0

    def threshold(
        self, probability: np.ndarray, label: np.ndarray, weight: np.ndarray | None = None
    ) -> float:
        """Return the probability from which pairs match.

        Args:
            probability: calibrated probabilities of held-out pairs.
            label: 1 match, 0 no match.
            weight: weight of each pair; all equal by default.
        """
        if self.precision is None and self.recall is None:
            return best_f1_threshold(probability, label, weight)
        score = bounded_logit(probability, 1e-9)
        cut = cut_for_target(
            score, label, precision=self.precision, recall=self.recall, weight=weight
        )
        return float(np.clip(expit(cut), 1e-6, 1 - 1e-6))


#: The target without a precision or a recall: best F1.
BEST_F1 = ThresholdTarget()
