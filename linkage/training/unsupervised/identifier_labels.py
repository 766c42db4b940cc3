"""Equal and unequal trade numbers of candidate pairs, as labels to learn from."""

from __future__ import annotations

import numpy as np

from features.prepare import PreparedRecords

__all__ = [
    "FEWEST_EQUAL",
    "LEAST_AGREEMENT",
    "enough_labels",
    "identifier_agreement",
    "trusted_identifier",
]

#: Candidate pairs of equal, and of unequal, trade numbers below which there are too few labels.
FEWEST_EQUAL, _FEWEST_UNEQUAL = 30, 100
#: Share of the matches with equal trade numbers below which the number is no anchor.
LEAST_AGREEMENT = 0.6


def trusted_identifier(records: PreparedRecords, left: np.ndarray, right: np.ndarray) -> str | None:
    """Return the trade number that labels most candidate pairs; None where none labels enough.

    A pair is labelled where both records state a number: a match if they are equal.

    Args:
        records: prepared records.
        left, right: rows of the candidate pairs.
    """
    best: tuple[int, str] | None = None
    for attribute in records.attributes.values():
        if not attribute.is_trade_number or attribute.identifiers is None:
            continue
        a, b = attribute.identifiers.code[left], attribute.identifiers.code[right]
        both = (a >= 0) & (b >= 0)
        known, agreeing = int(both.sum()), int(np.sum(both & (a == b)))
        if enough_labels(agreeing, known - agreeing) and (best is None or known > best[0]):
            best = (known, attribute.name)
    return None if best is None else best[1]


def enough_labels(equal: int, unequal: int) -> bool:
    """Return whether there are enough matches and non-matches to learn from.

    Args:
        equal: number of candidate pairs labelled as matches, such as those of equal numbers.
        unequal: number of candidate pairs labelled as non-matches.
    """
    return equal >= FEWEST_EQUAL and unequal >= _FEWEST_UNEQUAL


def identifier_agreement(probability: np.ndarray) -> tuple[float, float] | None:
    """Return the shares of the matches (m) and of the non-matches (u) with equal trade numbers.

    Both are read off quantiles of the predicted probabilities: numbers of matches can be wrong,
    and numbers of non-matches can be equal by chance.

    Args:
        probability: probability that the numbers of each pair are equal, predicted from all other
            features, shape (m,).

    Returns:
        m and u; None where m is too low for the number to be an anchor.
    """
    likely = probability[probability > 0.5]
    agreement = float(np.quantile(likely, 0.8)) if len(likely) else 0.0
    if agreement < LEAST_AGREEMENT:
        return None
    return agreement, float(np.clip(np.quantile(probability, 0.2), 1e-4, 0.1))
