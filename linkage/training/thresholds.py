"""Choosing where a match begins: from labels by the user's dial, or without labels from decoys."""

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
    "cut_for_expectation",
    "cut_for_target",
    "decoy_cut",
    "platt",
]

#: Share of the estimated matches, from the top, whose records are taken as surely matched.
_SUREST = 0.5
#: Surely matched records below which their decoys are too few to count by.
_FEWEST_SUREST = 100


#: Weight of the labels' own F1 in choosing a threshold; the rest is the F1 to be expected.
_SHARE_OF_LABELS = 0.25
#: Log-odds that a threshold may lie away from the one to be expected, if labels leave it open.
_FARTHEST = 1.0
#: How much one pseudo-observation holds the slope and the intercept of a calibration: the slope
#: of log-odds is seldom far from 1, while the intercept moves with the share of matches.
_STIFFNESS = np.array([4.0, 0.5])


@dataclass(frozen=True)
class DecoyCut:
    """A cut found without labels.

    Attributes:
        score: pairs that score at least this match.
        matches: matches estimated to exist among the records.
        accepted: assigned pairs at or above the cut.
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
    """The cut that best serves the dial on labelled scores.

    Args:
        score: scores, higher is more alike.
        label: 1 match, 0 no match.
        precision: precision to reach, with as much recall as that leaves.
        recall: recall to reach, with as much precision as that leaves; neither: best F1.
        weight: what each pair counts; all alike by default.

    Returns:
        A cut half way between two scores; where no cut reaches the precision, the one that comes
        closest to it.
    """
    order = np.argsort(-score, kind="stable")
    each = np.ones(len(score)) if weight is None else weight[order]
    ranked, hits = score[order], np.cumsum(each * label[order])
    count, total = np.cumsum(each), max(float(hits[-1]) if len(hits) else 0.0, 1e-9)
    last = np.append(ranked[1:] != ranked[:-1], True)
    hit_precision, hit_recall = hits / count, hits / total
    if precision is not None:
        able = last & (hit_precision >= precision)
        worth = np.where(able, 1 + hit_recall, hit_precision) * last
    elif recall is not None:
        able = last & (hit_recall >= recall)
        worth = np.where(able, 1 + hit_precision, hit_recall) * last
    else:
        worth = 2 * hits / (count + total) * last
    best = int(worth.argmax())
    below = ranked[best + 1] if best + 1 < len(ranked) else ranked[best] - 1.0
    return float((ranked[best] + below) / 2)


def cut_for_expectation(
    probability: np.ndarray, *, precision: float | None = None, recall: float | None = None
) -> float:
    """The threshold that should reach a precision or a recall if probabilities are right.

    Args:
        probability: calibrated probabilities of all candidates.
        precision: precision to expect of the pairs above the threshold.
        recall: share of the expected matches to have above it.
    """
    ranked = np.sort(probability)[::-1]
    if len(ranked) == 0:
        return 0.5
    expected = np.cumsum(ranked)
    if precision is not None:
        # Pairs of one probability are accepted together.
        complete = np.append(ranked[1:] != ranked[:-1], True)
        able = np.flatnonzero(complete & (expected / np.arange(1, len(ranked) + 1) >= precision))
        last = int(able[-1]) if len(able) else 0
    else:
        last = int(np.searchsorted(expected, (recall or 0.0) * expected[-1]))
    return float(np.clip(ranked[min(last, len(ranked) - 1)], 1e-6, 1 - 1e-6))


def best_expected_threshold(probability: np.ndarray, weight: np.ndarray | None = None) -> float:
    """The threshold with the best expected F1 of calibrated probabilities: half of that F1.

    A pair is worth accepting as long as its probability is above half the F1 reached (Lipton, Elkan
    and Naryanaswamy 2014).

    Args:
        probability: calibrated probabilities.
        weight: what each pair counts; all alike by default.
    """
    order = np.argsort(-probability, kind="stable")
    ranked = probability[order]
    if len(ranked) == 0 or ranked[0] <= 0:
        return 0.5
    each = np.ones(len(ranked)) if weight is None else weight[order]
    expected = np.cumsum(each * ranked)
    f1 = 2 * expected / (np.cumsum(each) + expected[-1])
    return float(np.clip(f1.max() / 2, 0.05, 0.5))


def best_f1_threshold(
    probability: np.ndarray, label: np.ndarray, weight: np.ndarray | None = None
) -> float:
    """The threshold with the best F1 on labelled pairs, steadied by calibrated probabilities.

    The best cut of the labels themselves lies where a few of them happen to fall well; the F1 that
    the probabilities expect is smooth. Their weighted mean is maximised.

    Args:
        probability: calibrated probabilities of the labelled pairs.
        label: 1 match, 0 no match.
        weight: what each pair counts; all alike by default.

    Returns:
        A probability half way, in log-odds, between two of the pairs, but not far from half of the
        expected F1, where the best threshold of calibrated probabilities lies: with few labels the
        way between two pairs can be long.
    """
    order = np.argsort(-probability, kind="stable")
    ranked = np.clip(probability[order], 1e-9, 1 - 1e-9)
    each = np.ones(len(ranked)) if weight is None else weight[order]
    count = np.cumsum(each)
    f1 = np.zeros(len(ranked))
    for share, hit in ((_SHARE_OF_LABELS, label[order]), (1 - _SHARE_OF_LABELS, ranked)):
        f1 += share * 2 * np.cumsum(each * hit) / (count + (each * hit).sum())
    log_odds = np.log(ranked / (1 - ranked))
    last = np.append(log_odds[1:] != log_odds[:-1], True)
    best = int(np.argmax(f1 * last))
    below = log_odds[best + 1] if best + 1 < len(ranked) else log_odds[best] - 1.0
    ideal = best_expected_threshold(probability, weight)
    centre = np.log(ideal / (1 - ideal))
    cut = np.clip((log_odds[best] + below) / 2, centre - _FARTHEST, centre + _FARTHEST)
    cut = np.clip(cut, below, log_odds[best])
    return float(np.clip(1 / (1 + np.exp(-cut)), 1e-6, 1 - 1e-6))


def platt(
    score: np.ndarray,
    label: np.ndarray,
    strength: float = 0.0,
    weight: np.ndarray | None = None,
) -> tuple[float, float]:
    """Slope and intercept that turn scores into calibrated log-odds (Platt 1999).

    Targets are smoothed as in the paper, so that few labels do not give certainty.

    Args:
        score: raw scores.
        label: 1 match, 0 no match.
        strength: for scores that are log-odds already, pseudo-observations that hold the slope
            near 1 and the intercept near 0.
        weight: what each pair counts; all alike by default.
    """
    from scipy.optimize import minimize

    each = np.ones(len(label)) if weight is None else weight
    positives = (each * label).sum()
    negatives = each.sum() - positives
    target = np.where(label == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        z = parameters[0] * score + parameters[1]
        error = each * (1 / (1 + np.exp(-np.clip(z, -500, 500))) - target)
        away = parameters - np.array([1.0, 0.0])
        value = np.sum(each * (np.logaddexp(0, z) - target * z)) + strength * np.sum(
            _STIFFNESS * away**2
        )
        slope = np.array([np.sum(error * score), np.sum(error)])
        return float(value), slope + 2 * strength * _STIFFNESS * away

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
    """Chooses a cut for one-to-one pairs without labels, by target and decoy.

    A record's best partner other than its assigned one is a known non-match of the right style. The
    share of such decoys above a score is the chance that an unmatched record gets an assigned pair
    as good (after target-decoy search in proteomics, Elias and Gygi 2007); with the number of
    matches estimated from the same curve, the cut maximises the expected F1.

    Args:
        left, right: rows of the candidate pairs.
        score: their scores.
        assigned: whether each pair was chosen in a one-to-one assignment of all candidates.
        sizes: records of the left and of the right table.
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
    surest = targets[: int(first.matches * _SUREST)]
    if len(surest) < _FEWEST_SUREST:
        return first
    # The best partner of an unmatched record is its own best stranger, so its decoy is but the
    # second best. Records that are surely matched have their best stranger for a decoy.
    matched = np.isin(smaller[decoys], smaller[surest])
    if matched.sum() < _FEWEST_SUREST:
        return first
    return _cut_by_decoys(score[targets], score[decoys[matched]], records)


def _cut_by_decoys(targets: np.ndarray, decoys: np.ndarray, records: int) -> DecoyCut:
    """The cut of best expected F1, given falling target scores and decoy scores in any order."""
    decoys = np.sort(decoys)
    count = np.arange(1, len(targets) + 1)
    above = len(decoys) - np.searchsorted(decoys, targets, side="left")
    chance = (above + 0.5) / (len(decoys) + 1)
    # Storey's estimate (2002) of the share of true matches, where decoys are not yet the rule.
    usable = chance <= 0.5
    estimate = (count - records * chance) / (1 - chance)
    matches = float(np.clip(estimate[usable].max(initial=1.0), 1.0, records))
    false = np.minimum((records - matches) * chance, count)
    expected = 2 * (count - false) / (count + matches)
    chosen = int(expected.argmax())
    below = targets[chosen + 1] if chosen + 1 < len(targets) else targets[chosen] - 1.0
    return DecoyCut(float((targets[chosen] + below) / 2), matches, chosen + 1)


@dataclass(frozen=True)
class ThresholdTarget:
    """What the threshold aims at: a precision, a recall, or neither for best F1."""

    precision: float | None = None
    recall: float | None = None

    def threshold(
        self, probability: np.ndarray, label: np.ndarray, weight: np.ndarray | None = None
    ) -> float:
        """The probability at which a match begins.

        Args:
            probability: calibrated probabilities of held-out pairs.
            label: 1 match, 0 no match.
            weight: what each pair counts; all alike by default.
        """
        if self.precision is None and self.recall is None:
            return best_f1_threshold(probability, label, weight)
        score = bounded_logit(probability, 1e-9)
        cut = cut_for_target(
            score, label, precision=self.precision, recall=self.recall, weight=weight
        )
        return float(np.clip(expit(cut), 1e-6, 1 - 1e-6))


#: Neither a precision nor a recall: best F1.
BEST_F1 = ThresholdTarget()
