"""Where two records contradict each other, and what that says of records that look alike.

Records of one product seldom state different colours, sizes or amounts; those of siblings do, and
are as alike in all else. Fellegi-Sunter weights, which take features as independent, let much
likeness outweigh one contradiction, so that a start without labels can mistake families for
products.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from features.feature_names import engine_feature, measure_of
from linkage.scoring.compared_pairs import ComparedPairs

__all__ = ["Contradictions", "contradictions", "mistakes_likeness", "rivals"]

#: Features of what texts state by the shipped lexica; hardly any two records of one product differ
#: in these.
_FACTS = tuple(engine_feature(g, "agreement") for g in ("quantities", "colours", "sizes"))
#: Further features that are 0 where nothing of what both state is the same.
_OTHERS = (
    engine_feature("numbers", "value_agreement"),
    engine_feature("numbers", "agreement"),
    engine_feature("editions", "agreement"),
)
_STATED, _EQUAL = "stated_agreement", "equal"
#: A feature that is 1 where both have codes and share none.
_CODES = engine_feature("codes", "none_shared")
#: Share of the supposed matches that may contradict each other in facts: up to 0.07 were seen among
#: true matches, 0.2 and more where families were mistaken for products.
_MOST_CONTRADICTED = 0.1
#: Known pairs from which a share can be told.
_FEWEST_KNOWN = 30
#: A difference counts where likely matches have it so much less often than others do.
_SELDOM = 0.5
#: And an agreement where the likeliest have it so many times as often as others.
_SELDOM_ALIKE = 0.25
#: Share of the pairs, the least alike, that are taken for strangers.
_SURELY_STRANGERS = 0.3
#: Strangers of the usual sort that are added to those of whom the same is known, and the least
#: chance that can be told from them.
_AS_USUAL, _LEAST_UNNOTICED = 20, 1e-3
#: Chance that strangers differ in facts from which these tell of matches.
_TELLING = 0.2
#: Bands of likeness of which the share of matches is told, and the largest such share.
_BANDS, _SUREST = 50, 0.99


@dataclass(frozen=True)
class Contradictions:
    """What contradicts itself, and where it could have been seen to.

    Attributes:
        differs: whether each pair contradicts itself, bool, shape (m,).
        doubtful: whether it does so in one thing only, and not in facts, bool, shape (m,).
        known: of what tells, what is known of each pair, a bit each, int64, shape (m,).
        facts_differ, facts_known: as ``differs`` and ``known``, of facts alone.
    """

    differs: np.ndarray
    doubtful: np.ndarray
    known: np.ndarray
    facts_differ: np.ndarray
    facts_known: np.ndarray

    def chance(self, expectation: np.ndarray) -> np.ndarray:
        """Chance that each pair matches, unless it contradicts itself.

        Matches hardly ever differ in facts, and strangers of whom the same is known do so with a
        chance that those least alike show. How far pairs of one likeness fall short of it says how
        many of them match; that one of them contradicts itself nowhere says it of the pair.

        Args:
            expectation: log-expectation of strangers as alike, shape (m,).

        Returns:
            float64, shape (m,).
        """
        strangers = expectation >= np.quantile(expectation, 1 - _SURELY_STRANGERS)
        differing = 1 - _unnoticed(self.facts_known, self.facts_differ, strangers)
        telling = differing >= _TELLING
        if not telling.any():
            return np.zeros(len(expectation))
        edges = np.unique(np.quantile(expectation[telling], np.linspace(0, 1, _BANDS + 1)[1:-1]))
        band = np.searchsorted(edges, expectation, side="right")
        counted = [
            np.bincount(band[telling], weights, minlength=len(edges) + 1)
            for weights in (self.facts_differ[telling], differing[telling])
        ]
        share = _falling(1 - counted[0] / np.maximum(counted[1], 1e-9), counted[1])[band]
        match = share / (share + (1 - share) * _unnoticed(self.known, self.differs, strangers))
        return np.asarray(match)


def contradictions(compared: ComparedPairs, likely: np.ndarray) -> Contradictions:
    """Pairs that differ in facts, or in something else that likely matches seldom differ in.

    What that is, is read off the likely matches that agree in facts: offers of one product name
    different sellers, and may be filed under different categories.

    Args:
        comparison: the pairs.
        likely: pairs that stand out, bool, shape (m,).
    """
    facts_differ, facts_known = np.zeros(len(compared), bool), np.zeros(len(compared), np.int64)
    for number, values in enumerate(_facts(compared)):
        facts_differ |= values == 0
        facts_known |= (~np.isnan(values)).astype(np.int64) << number
    differs, known, telling = facts_differ.copy(), facts_known.copy(), len(_FACTS)
    times = np.zeros(len(compared), int)
    likely = likely & ~differs
    for there, against in _further(compared):
        if _seldom(there, against, likely, _SELDOM):
            differs |= against
            times += against
            known |= there.astype(np.int64) << telling
            telling += 1
    return Contradictions(
        differs=differs,
        doubtful=(times == 1) & ~facts_differ,
        known=known,
        facts_differ=facts_differ,
        facts_known=facts_known,
    )


def rivals(compared: ComparedPairs, likeliest: np.ndarray) -> np.ndarray:
    """Pairs that agree in what records of one product hardly ever agree in.

    A seller lists a product once, so that what one seller lists side by side are siblings, however
    alike. Likely matches that are no matches blur that, so it is read off the likeliest.

    Args:
        comparison: the pairs.
        likeliest: pairs that hardly anything speaks against, bool, shape (m,).

    Returns:
        bool, shape (m,).
    """
    found = np.zeros(len(compared), bool)
    for name in compared.names:
        if measure_of(name) == _EQUAL:
            values = compared.column(name)
            if _seldom(~np.isnan(values), values == 1, likeliest, _SELDOM_ALIKE):
                found |= values == 1
    return found


def mistakes_likeness(compared: ComparedPairs, match: np.ndarray) -> bool:
    """Whether supposed matches contradict each other too often to be of one product.

    Args:
        comparison: the pairs.
        match: the supposed matches, bool, shape (m,).
    """
    known, differs = np.zeros(len(compared), bool), np.zeros(len(compared), bool)
    for values in _facts(compared):
        known |= ~np.isnan(values)
        differs |= values == 0
    some = known & match
    return bool(some.sum() >= _FEWEST_KNOWN and differs[some].mean() > _MOST_CONTRADICTED)


def _facts(compared: ComparedPairs) -> list[np.ndarray]:
    """The features of facts; 0 where both state some and share none, NaN where one states none."""
    return [compared.column(name) for name in _FACTS if name in compared.names]


def _further(compared: ComparedPairs) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Of each other feature: where it is known, and where it may tell against a match."""
    for name in compared.names:
        different = 1.0 if name == _CODES else 0.0
        if name in (*_OTHERS, _CODES) or measure_of(name) == _STATED:
            values = compared.column(name)
            yield ~np.isnan(values), values == different


def _seldom(there: np.ndarray, against: np.ndarray, likely: np.ndarray, ratio: float) -> bool:
    """Whether likely matches have something so much less often than other pairs."""
    some, others = there & likely, there & ~likely
    return bool(
        some.sum() >= _FEWEST_KNOWN
        and others.any()
        and against[some].mean() < ratio * against[others].mean()
    )


def _unnoticed(known: np.ndarray, differs: np.ndarray, strangers: np.ndarray) -> np.ndarray:
    """Share of the strangers of whom the same is known as of each pair that do not differ."""
    kind = np.unique(known, return_inverse=True)[1]
    passing = strangers & ~differs
    usual = _AS_USUAL * passing.sum() / max(int(strangers.sum()), 1)
    kinds = int(kind.max(initial=0)) + 1
    passed = np.bincount(kind[passing], minlength=kinds) + usual
    share = passed / (np.bincount(kind[strangers], minlength=kinds) + _AS_USUAL)
    share[np.unique(kind[known == 0])] = 1.0
    found: np.ndarray = np.maximum(share, _LEAST_UNNOTICED)[kind]
    return found


def _falling(share: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The nearest shares from 0 to 1 that never rise."""
    from sklearn.isotonic import isotonic_regression

    nearest: np.ndarray = isotonic_regression(
        share, sample_weight=np.maximum(weight, 1e-9), y_min=0.0, y_max=_SUREST, increasing=False
    )
    return nearest
