"""Where two records contradict each other, and what that says of records that look alike.

Records of one product seldom state different colours, sizes or amounts; those of siblings do, and
are as alike in all else. Fellegi-Sunter weights, which take features as independent, let much
likeness outweigh one contradiction, so that a start without labels can mistake families for
products.
"""

from __future__ import annotations

import numpy as np

from linkage.comparison import Comparison

__all__ = ["contradictions", "mistakes_likeness"]

#: Features of what texts state by the shipped lexica; hardly any two records of one product differ
#: in these.
_FACTS = ("quantities.agreement", "colours.agreement", "sizes.agreement")
#: Further features that are 0 where nothing of what both state is the same.
_OTHERS = ("numbers.value_agreement", "numbers.agreement", "editions.agreement")
_STATED = ".stated_agreement"
#: A feature that is 1 where both have codes and share none.
_CODES = "codes.none_shared"
#: Share of the supposed matches that may contradict each other in facts: up to 0.07 were seen among
#: true matches, 0.2 and more where families were mistaken for products.
_MOST_CONTRADICTED = 0.1
#: Known pairs from which a share can be told.
_FEWEST_KNOWN = 30
#: A difference counts where likely matches have it so much less often than others do.
_SELDOM = 0.5


def contradictions(comparison: Comparison, likely: np.ndarray) -> np.ndarray:
    """Pairs that differ in facts, or in something else that likely matches seldom differ in.

    What that is, is read off the likely matches that agree in facts: offers of one product name
    different sellers, and may be filed under different categories.

    Args:
        comparison: the pairs.
        likely: pairs that stand out, bool, shape (m,).

    Returns:
        Whether each pair contradicts itself, bool, shape (m,).
    """
    found = _facts(comparison)[1]
    likely = likely & ~found
    for known, differs in _further(comparison):
        some, others = known & likely, known & ~likely
        if (
            some.sum() >= _FEWEST_KNOWN
            and others.any()
            and differs[some].mean() < _SELDOM * differs[others].mean()
        ):
            found = found | differs
    return found


def mistakes_likeness(comparison: Comparison, match: np.ndarray) -> bool:
    """Whether supposed matches contradict each other too often to be of one product.

    Args:
        comparison: the pairs.
        match: the supposed matches, bool, shape (m,).
    """
    known, differs = _facts(comparison)
    some = known & match
    return bool(some.sum() >= _FEWEST_KNOWN and differs[some].mean() > _MOST_CONTRADICTED)


def _facts(comparison: Comparison) -> tuple[np.ndarray, np.ndarray]:
    """Where any fact is known of both records, and where any differs, bool, shape (m,)."""
    known = np.zeros(len(comparison), bool)
    differs = known.copy()
    for name in set(_FACTS) & set(comparison.names):
        values = comparison.column(name)
        known |= ~np.isnan(values)
        differs |= values == 0
    return known, differs


def _further(comparison: Comparison) -> list[tuple[np.ndarray, np.ndarray]]:
    """Of each other feature: where it is known, and where it shows a difference."""
    out = []
    for name in comparison.names:
        different = 1.0 if name == _CODES else 0.0
        if name in (*_OTHERS, _CODES) or name.endswith(_STATED):
            values = comparison.column(name)
            out.append((~np.isnan(values), values == different))
    return out
