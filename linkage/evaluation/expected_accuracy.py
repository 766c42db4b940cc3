"""Expected accuracy: the precision and recall of a run's clusters, estimated without labels.

The probabilities of a model that no label has confirmed are its own opinion, and often sure of what
is wrong: they promise an F1 of 0.7 to 1 where it is 0.1 to 1. But how sure a model is, and by
how much the pairs that it joins outdo those that it rejects, goes with how often it is right. So
precision and recall are linear in two signs of the answer, with coefficients fitted to benchmark
tasks of many kinds (docs/unlabelled.md has the tasks, and the errors on tasks left out).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from linkage.models.bounded_logit import bounded_logit
from linkage.variants.collisions import count_collisions

__all__ = [
    "UNCERTAIN",
    "ExpectedAccuracy",
    "expected_by",
    "expected_of_groups",
    "expected_of_pairs",
    "terms_of",
]

#: Expected F1 below which a run says so in a note.
UNCERTAIN = 0.6
#: What is ever expected, of precision and of recall: a sign may lie beyond those of all tasks.
_LEAST, _MOST = 0.05, 0.995
#: Constant and coefficients of the mean probability and of the margin.
_OF_PAIRS = {"precision": (0.20, 0.47, 0.025), "recall": (-0.98, 1.70, 0.016)}
#: Constant and coefficients of the root of the share of collisions and of the logarithm of the
#: share of records in groups.
_OF_GROUPS = {"precision": (0.995, -0.113, 0.069), "recall": (1.02, -0.38, 0.136)}
#: Least distance of probabilities from 0 and 1 in log-odds.
_BOUND = 1e-9
#: Log-odds of what a pair without any rival outdoes.
_NO_RIVAL = -20.0


@dataclass(frozen=True)
class ExpectedAccuracy:
    """Precision and recall to expect of pairs in one cluster.

    Attributes:
        precision: share of them that are of one product, 0 to 1.
        recall: share of all pairs of one product that are among them, 0 to 1.
        signs: what both were estimated from, by name.
    """

    precision: float
    recall: float
    signs: Mapping[str, float] = field(default_factory=dict)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.precision * self.recall / (self.precision + self.recall)

    @property
    def doubt(self) -> str:
        """A note for an answer that is likely wrong: why, and what helps."""
        signs = self.signs
        why = (
            f"{signs['clustered']:.0%} of the records are in a group, and in groups "
            f"{signs['collisions']:.0%} of the ignored values repeat, as in several products"
            if "clustered" in signs
            else f"joined pairs score {signs['mean_probability']:.2f} on average, and half of them "
            f"outdo a rejected pair of their records by less than {signs['margin']:.1f} log-odds"
        )
        return (
            f"Uncertain: F1 is estimated at {self.f1:.2f}, as {why}. Label the pairs of "
            "to_label*.csv in the results (1 or 0 in a column 'label'), or those that "
            "Linker.suggest names, and give them as labels."
        )


def expected_of_pairs(
    left: np.ndarray,
    right: np.ndarray,
    probability: np.ndarray,
    labels: np.ndarray,
    *,
    calibrated: bool = False,
) -> ExpectedAccuracy | None:
    """Return the accuracy to expect of clusters of records; None where no pair is in one.

    The signs are the mean probability of the joined pairs, and their margin: by how many log-odds
    a joined pair outdoes the best rejected pair of either of its records (the median).

    Args:
        left, right: rows of the candidate pairs, shape (m,).
        probability: their probabilities, shape (m,).
        labels: cluster of each row, shape (n,).
        calibrated: whether the probabilities can be taken at their word, as those that trade
            numbers taught: the share of wrong and missing numbers is known.
    """
    joined = labels[left] == labels[right]
    if not joined.any():
        return None
    log_odds = bounded_logit(probability, _BOUND)
    rival = np.full(len(labels), _NO_RIVAL)
    for rows in (left, right):
        np.maximum.at(rival, rows[~joined], log_odds[~joined])
    strongest = np.maximum(rival[left[joined]], rival[right[joined]])
    certainty = float(probability[joined].mean())
    margin = float(np.median(log_odds[joined] - strongest))
    signs = {"mean_probability": certainty, "margin": margin}
    if calibrated:
        found = float(probability[joined].sum() / probability.sum())
        return ExpectedAccuracy(certainty, found, signs)
    return expected_by(_OF_PAIRS, signs)


def expected_of_groups(
    labels: np.ndarray, combination: np.ndarray, part: np.ndarray | None = None
) -> ExpectedAccuracy | None:
    """Return the accuracy to expect of groups of variants; None where no group has two records.

    The signs are the share of collisions (a shop lists a product once in each colour and size, so
    equal ignored values in one group speak for several products) and the share of the records that
    are in a group: where the key of a product is too strict, many are left alone.

    Args:
        labels: group of each record, shape (n,).
        combination: number of each record's combination of ignored values, -1 unknown, shape (n,).
        part: cluster of each record by a stricter definition, whose records may well be equal in
            ignored values; each record is one of its own by default.
    """
    sizes = np.bincount(labels)
    clustered = float(np.mean(sizes[labels] > 1)) if len(labels) else 0.0
    if not clustered:
        return None
    known = combination >= 0
    share = 0.0
    if known.any():
        part = np.arange(len(labels)) if part is None else part
        group = np.zeros(int(part.max()) + 1, np.int64)
        group[part] = labels
        observed, possible = count_collisions(part[known], group, combination[known])
        share = observed / max(possible, 1.0)
    signs = {"collisions": share, "clustered": clustered}
    return expected_by(_OF_GROUPS, signs)


def terms_of(signs: Mapping[str, float]) -> tuple[float, float]:
    """Return what precision and recall are linear in."""
    if "clustered" in signs:
        return float(np.sqrt(signs["collisions"])), float(np.log(signs["clustered"]))
    return signs["mean_probability"], signs["margin"]


def expected_by(
    coefficients: Mapping[str, Sequence[float]], signs: Mapping[str, float]
) -> ExpectedAccuracy:
    """Return the estimate by a constant and two coefficients of precision and of recall."""
    values = {
        name: float(np.clip(np.dot(weights, (1.0, *terms_of(signs))), _LEAST, _MOST))
        for name, weights in coefficients.items()
    }
    return ExpectedAccuracy(values["precision"], values["recall"], signs)
