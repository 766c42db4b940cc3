"""Absence of duplicates: whether a table holds any record twice, read off conflicts of facts.

Every table has records that are more alike than others. Where these are records of one product they
hardly ever state different numbers, codes, amounts, colours or dates, whatever else differs; where
they are the nearest siblings of each other they do, nearly as often as any two candidates. So the
rate of conflicts in the most alike pairs, relative to that in the least alike candidates, tells
which it is, and likeness itself is not rewarded.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from features.feature_names import column_feature, engine_feature
from features.kinds import Kind
from linkage.clustering.assignment import assign_best_first
from linkage.scoring.compared_pairs import ComparedPairs
from linkage.training.unsupervised.seed_pairs import identical_pairs, log_e_values, mutual_votes

__all__ = [
    "conflict_ratio",
    "differ_in_facts",
    "holds_duplicates",
    "most_alike_pairs",
    "reason_for_absence",
]

#: Features that are 0 where both texts state facts of a sort and share none.
_AGREEMENTS = tuple(
    engine_feature(group, measure)
    for group, measure in (
        ("quantities", "agreement"),
        ("colours", "agreement"),
        ("years", "agreement"),
        ("numbers", "value_agreement"),
    )
)
#: Features that are 1 where both records have codes and share none; the latter of quality fast.
_CODES = engine_feature("codes", "conflict"), engine_feature("codes", "none_shared")
#: Edit similarity from which different identifiers may be one that was mistyped.
_MISTYPED = 0.8
#: Share of the records whose best pairs are looked at, and how many of these there are at least.
_PROBED, _FEWEST_PROBED = 0.1, 40
#: Pairs of known facts, of the probe and of the others, below which a sort of facts tells nothing.
_FEWEST = 10
#: Rate of conflicts in the least alike candidates below which a sort of facts tells nothing.
_LEAST_RATE = 0.2
#: Ratio of the rates of conflicts from which there are no duplicates (docs/unlabelled.md): up to
#: 0.26 were seen in tables with duplicates, 0.30 and more in tables without.
_MOST_CONFLICTS = 0.28
#: Share of the records with an equal one below which nothing shows that there are duplicates, where
#: no facts tell.
_FEWEST_EQUAL = 0.01


def reason_for_absence(compared: ComparedPairs) -> str | None:
    """Return why a table seems to hold no duplicates, a sentence; None where it seems to hold some.

    Args:
        compared: candidate pairs of one table.
    """
    if not any(name != "embedding" for name in compared.spaces):
        return None
    ratio = conflict_ratio(compared)
    if np.isnan(ratio):
        identical = identical_pairs(compared.records, compared.left, compared.right)
        if identical.sum() >= _FEWEST_EQUAL * compared.records.n:
            return None
        return (
            "The records state no facts (numbers, codes, amounts, colours, dates) by which one "
            "could tell duplicates from what is merely similar, and hardly any two are equal."
        )
    if ratio < _MOST_CONFLICTS:
        return None
    return (
        "The most similar records differ in numbers, codes, amounts, colours or dates "
        f"{100 * ratio:.0f} % as often as the least similar candidates do: the table seems to "
        "hold no duplicates, or few."
    )


def holds_duplicates(compared: ComparedPairs) -> bool:
    """Return whether facts show that some of the candidate pairs are of one product."""
    return conflict_ratio(compared) < _MOST_CONFLICTS


def conflict_ratio(compared: ComparedPairs) -> float:
    """Return the rate of conflicts in the most alike pairs over that in the least alike ones.

    It is the median over all sorts of facts; NaN where none tells.

    Args:
        compared: candidate pairs of one table.
    """
    log_e = _log_e_values(compared)
    probe = np.zeros(len(log_e), bool)
    probe[most_alike_pairs(compared, _PROBED, _FEWEST_PROBED)] = True
    others = log_e > np.median(log_e)
    found = []
    for known, conflicting in _facts(compared):
        some, rest = known & probe, known & others
        if some.sum() >= _FEWEST and rest.sum() >= _FEWEST:
            rate = float(conflicting[rest].mean())
            if rate >= _LEAST_RATE:
                found.append(float(conflicting[some].mean()) / rate)
    return float(np.median(found)) if found else float("nan")


def differ_in_facts(compared: ComparedPairs) -> np.ndarray:
    """Return which pairs differ in any sort of facts that both records state, bool, shape (m,)."""
    conflicting = np.zeros(len(compared), bool)
    for _, differ in _facts(compared):
        conflicting |= differ
    return conflicting


def most_alike_pairs(compared: ComparedPairs, share: float, fewest: int) -> np.ndarray:
    """Return the positions of the most alike pairs, best first; no record is in two of them.

    Args:
        compared: candidate pairs of one table.
        share: how many, as a share of the records that have candidates.
        fewest: how many at least, if there are so many.
    """
    spaces = [space for name, space in compared.spaces.items() if name != "embedding"]
    log_e = _log_e_values(compared)
    votes = mutual_votes(spaces, compared.left, compared.right)
    rank = np.empty(len(log_e))
    rank[np.lexsort((-log_e, votes))] = np.arange(len(log_e))
    chosen = np.flatnonzero(assign_best_first(compared.left, compared.right, rank))
    chosen = chosen[np.argsort(-rank[chosen])]
    records = len(np.unique(np.concatenate([compared.left, compared.right])))
    return chosen[: max(int(share * records), fewest)]


def _log_e_values(compared: ComparedPairs) -> np.ndarray:
    spaces = [space for name, space in compared.spaces.items() if name != "embedding"]
    return log_e_values(spaces, compared.left, compared.right)


def _facts(compared: ComparedPairs) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield of each sort of facts where both records state it, and where these differ; bool."""
    names = set(compared.names)
    for name in _AGREEMENTS:
        if name in names:
            values = compared.column(name)
            yield ~np.isnan(values), values == 0
    for name in _CODES:
        if name in names:
            values = compared.column(name)
            yield ~np.isnan(values), values == 1
            break
    for column, kind in compared.records.records.kinds.items():
        equal, ratio = column_feature(column, "equal"), column_feature(column, "ratio")
        days = column_feature(column, "log_days")
        if kind == Kind.IDENTIFIER and equal in names:
            values = compared.column(equal)
            near = compared.column(ratio) >= _MISTYPED if ratio in names else values == 1
            yield ~np.isnan(values), (values == 0) & ~near
        elif kind == Kind.DATE and days in names:
            values = compared.column(days)
            yield ~np.isnan(values), values > 0
