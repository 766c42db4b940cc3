"""Conflicts: candidate pairs that state different values of what one product seldom differs in.

Records of one product seldom state different colours, sizes or amounts; records of its siblings
(other products of the same line) do, and are as similar in everything else. Fellegi-Sunter weights
treat features as independent, so that many similar values outweigh one conflict, and a model
learned without labels can mistake a product line for one product.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from features.feature_names import engine_feature, measure_of
from linkage.models.isotonic import nearest_rising
from linkage.scoring.compared_pairs import ComparedPairs

__all__ = ["Conflicts", "conflict_too_often", "conflicting_agreements", "find_conflicts"]

#: Features that compare the facts texts state, by the shipped lexica; records of one product hardly
#: ever differ in these.
_FACTS = tuple(
    engine_feature(group, "agreement")
    for group in ("quantities", "colours", "sizes", "conditions", "accessories")
)
#: Further features that are 0 where both records state values and share none.
_FURTHER = (
    engine_feature("numbers", "value_agreement"),
    engine_feature("numbers", "agreement"),
    engine_feature("editions", "agreement"),
    engine_feature("versions", "agreement"),
    engine_feature("years", "agreement"),
)
_STATED, _EQUAL = "stated_agreement", "equal"
#: A feature that is 1 where both records have codes and share none.
_CODES = engine_feature("codes", "none_shared")
#: Share of the supposed matches that may conflict in facts: up to 0.07 were seen among true
#: matches, 0.2 and more where product lines were mistaken for products.
_MOST_CONFLICTS = 0.1
#: Pairs with a known value below which no share is estimated.
_FEWEST_KNOWN = 30
#: A difference is a conflict if its share of the likely matches is less than this times its share
#: of the other pairs.
_DIFFERENCE_RATIO = 0.5
#: An agreement is a conflict if its share of the likely matches is less than this times its share
#: of the other pairs.
_AGREEMENT_RATIO = 0.25
#: Share of the pairs, those of highest E-value, that are taken as non-matches.
_SURE_NON_MATCHES = 0.3
#: Pseudo-observations that hold the share of one pattern of known values near that of all, and the
#: lower bound of that share.
_PSEUDO_OBSERVATIONS, _LEAST_SHARE = 20, 1e-3
#: Probability that a non-match conflicts in facts from which facts are evidence.
_LEAST_POWER = 0.2
#: Bands of E-values for which the share of matches is estimated, and the upper bound of that share.
_BANDS, _HIGHEST_SHARE = 50, 0.99


@dataclass(frozen=True)
class Conflicts:
    """Conflicts of candidate pairs, and the comparisons in which they could have shown.

    Attributes:
        conflicting: whether each pair has a conflict, bool, shape (m,).
        doubtful: whether it has only one, and not in facts, bool, shape (m,).
        known: which of the conflict features are known of each pair, a bit each, int64, shape (m,).
        facts_conflicting, facts_known: the same as ``conflicting`` and ``known``, of facts alone.
    """

    conflicting: np.ndarray
    doubtful: np.ndarray
    known: np.ndarray
    facts_conflicting: np.ndarray
    facts_known: np.ndarray

    def match_probability(self, log_e_value: np.ndarray) -> np.ndarray:
        """Return the probability that each pair without a conflict is a match, float64, shape (m,).

        Matches hardly ever conflict in facts. How often non-matches do, given which facts are
        known, is measured on the pairs of highest E-value. In a band of E-values the share of
        matches is estimated from how far its conflicts fall short of that; Bayes' rule then weighs
        that a single pair shows no conflict.

        Args:
            log_e_value: log E-value of each pair's similarity, shape (m,).
        """
        non_matches = log_e_value >= np.quantile(log_e_value, 1 - _SURE_NON_MATCHES)
        power = 1 - _share_without_conflict(self.facts_known, self.facts_conflicting, non_matches)
        informative = power >= _LEAST_POWER
        if not informative.any():
            return np.zeros(len(log_e_value))
        edges = np.unique(
            np.quantile(log_e_value[informative], np.linspace(0, 1, _BANDS + 1)[1:-1])
        )
        band = np.searchsorted(edges, log_e_value, side="right")
        observed, expected = [
            np.bincount(band[informative], weights, minlength=len(edges) + 1)
            for weights in (self.facts_conflicting[informative], power[informative])
        ]
        share = _non_increasing(1 - observed / np.maximum(expected, 1e-9), expected)[band]
        without_conflict = _share_without_conflict(self.known, self.conflicting, non_matches)
        return np.asarray(share / (share + (1 - share) * without_conflict))


def find_conflicts(compared: ComparedPairs, likely: np.ndarray) -> Conflicts:
    """Return the conflicts of pairs: in facts, or where likely matches seldom differ.

    Which features the latter are is read off the likely matches without a conflict in facts:
    offers of one product name different sellers, and may be filed under different categories.

    Args:
        compared: the pairs.
        likely: likely matches, such as pairs of low E-value, bool, shape (m,).
    """
    facts_conflicting, facts_known = (
        np.zeros(len(compared), bool),
        np.zeros(len(compared), np.int64),
    )
    for number, values in enumerate(_facts(compared)):
        facts_conflicting |= values == 0
        facts_known |= (~np.isnan(values)).astype(np.int64) << number
    conflicting, known, bit = facts_conflicting.copy(), facts_known.copy(), len(_FACTS)
    number_of_others = np.zeros(len(compared), int)
    likely = likely & ~conflicting
    for stated, different in _further_features(compared):
        if _is_rare_in_matches(stated, different, likely, _DIFFERENCE_RATIO):
            conflicting |= different
            number_of_others += different
            known |= stated.astype(np.int64) << bit
            bit += 1
    return Conflicts(
        conflicting=conflicting,
        doubtful=(number_of_others == 1) & ~facts_conflicting,
        known=known,
        facts_conflicting=facts_conflicting,
        facts_known=facts_known,
    )


def conflicting_agreements(compared: ComparedPairs, likeliest: np.ndarray) -> np.ndarray:
    """Return which pairs agree in an attribute that matches seldom agree in, bool, shape (m,).

    A seller lists a product once, so that two similar offers of one seller are siblings. Wrong
    pairs among the likely matches would hide that, so it is read off the likeliest.

    Args:
        compared: the pairs.
        likeliest: pairs with a high probability of a match, bool, shape (m,).
    """
    found = np.zeros(len(compared), bool)
    for name in compared.names:
        if measure_of(name) == _EQUAL:
            values = compared.column(name)
            if _is_rare_in_matches(~np.isnan(values), values == 1, likeliest, _AGREEMENT_RATIO):
                found |= values == 1
    return found


def conflict_too_often(compared: ComparedPairs, match: np.ndarray) -> bool:
    """Return whether supposed matches conflict in facts too often to be records of one product.

    Args:
        compared: the pairs.
        match: the supposed matches, bool, shape (m,).
    """
    known, conflicting = np.zeros(len(compared), bool), np.zeros(len(compared), bool)
    for values in _facts(compared):
        known |= ~np.isnan(values)
        conflicting |= values == 0
    some = known & match
    return bool(some.sum() >= _FEWEST_KNOWN and conflicting[some].mean() > _MOST_CONFLICTS)


def _facts(compared: ComparedPairs) -> list[np.ndarray]:
    """Return the features of facts: 0 where both state some and share none, NaN where unknown."""
    return [compared.column(name) for name in _FACTS if name in compared.names]


def _further_features(compared: ComparedPairs) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield of each other feature where it is known, and where both values differ; bool."""
    for name in compared.names:
        different = 1.0 if name == _CODES else 0.0
        if name in (*_FURTHER, _CODES) or measure_of(name) == _STATED:
            values = compared.column(name)
            yield ~np.isnan(values), values == different


def _is_rare_in_matches(
    known: np.ndarray, observed: np.ndarray, likely: np.ndarray, ratio: float
) -> bool:
    """Return whether something is observed less often, by a ratio, in likely matches than else."""
    some, others = known & likely, known & ~likely
    return bool(
        some.sum() >= _FEWEST_KNOWN
        and others.any()
        and observed[some].mean() < ratio * observed[others].mean()
    )


def _share_without_conflict(
    known: np.ndarray, conflicting: np.ndarray, non_matches: np.ndarray
) -> np.ndarray:
    """Return for each pair the share of conflict-free pairs among non-matches of its pattern.

    A pattern is a set of known features; its share is held near that of all non-matches.
    """
    pattern = np.unique(known, return_inverse=True)[1]
    free = non_matches & ~conflicting
    overall = _PSEUDO_OBSERVATIONS * free.sum() / max(int(non_matches.sum()), 1)
    patterns = int(pattern.max(initial=0)) + 1
    count = np.bincount(pattern[free], minlength=patterns) + overall
    share = count / (np.bincount(pattern[non_matches], minlength=patterns) + _PSEUDO_OBSERVATIONS)
    share[np.unique(pattern[known == 0])] = 1.0
    found: np.ndarray = np.maximum(share, _LEAST_SHARE)[pattern]
    return found


def _non_increasing(share: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the nearest non-increasing shares, 0 to the highest (isotonic regression)."""
    nearest = nearest_rising(share[::-1], np.maximum(weight, 1e-9)[::-1])[::-1]
    return np.clip(nearest, 0.0, _HIGHEST_SHARE)
