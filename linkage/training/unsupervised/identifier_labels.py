"""What equal and unequal trade numbers of candidate pairs can teach."""

from __future__ import annotations

import numpy as np

from features.prepare import PreparedRecords

__all__ = [
    "FEWEST_EQUAL",
    "LEAST_AGREEMENT",
    "agreement_with_number",
    "enough_numbers",
    "trusted_identifier",
]

#: Equal and unequal trade numbers among the candidates below which they teach too little.
FEWEST_EQUAL, _FEWEST_UNEQUAL = 30, 100
#: A trade number whose matches agree less often than this is no anchor.
LEAST_AGREEMENT = 0.6


def trusted_identifier(records: PreparedRecords, left: np.ndarray, right: np.ndarray) -> str | None:
    """The trade number known on both sides of most pairs; None where none teaches enough.

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
        if enough_numbers(agreeing, known - agreeing) and (best is None or known > best[0]):
            best = (known, attribute.name)
    return None if best is None else best[1]


def enough_numbers(equal: int, unequal: int) -> bool:
    """Whether so many candidate pairs of equal, and of unequal, numbers teach enough."""
    return equal >= FEWEST_EQUAL and unequal >= _FEWEST_UNEQUAL


def agreement_with_number(chance: np.ndarray) -> tuple[float, float] | None:
    """Share of the matches, and of the other pairs, that have the same number.

    Args:
        chance: chance of each pair that its numbers are equal, by all else.

    Returns:
        None where matches agree too seldom for the number to be an anchor.
    """
    likely = chance[chance > 0.5]
    agreement = float(np.quantile(likely, 0.8)) if len(likely) else 0.0
    if agreement < LEAST_AGREEMENT:
        return None
    return agreement, float(np.clip(np.quantile(chance, 0.2), 1e-4, 0.1))
