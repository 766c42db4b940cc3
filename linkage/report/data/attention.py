"""Pairs to look at: near the threshold, and where scores and other evidence disagree."""

from __future__ import annotations

import numpy as np

from linkage.models.held_out_scores import log_odds_beyond
from linkage.report.data.contents import PairData, PairList
from linkage.report.data.outcome import Catalog, Outcome
from linkage.report.data.pair_counts import DIFFERENT, EQUAL, compare_codes

__all__ = ["attention_lists"]

_NEAREST = 12
_DISAGREEING = 6
#: Pairs among which those without a common record are looked for.
_LOOKED_THROUGH = 400
#: Share of the pairs with an equal identifier that match, from which one that does not is odd.
_MEANS_A_MATCH = 0.5


def attention_lists(outcome: Outcome, catalog: Catalog) -> list[PairList]:
    """Return lists of pairs to look at, those that are empty left out."""
    distance = log_odds_beyond(outcome.score, outcome.threshold)
    above = outcome.score >= outcome.threshold
    lists = [
        PairList(
            "Nearest to the threshold",
            "The scores are least sure of these; a label here teaches most.",
            _pairs(outcome, _lowest(np.abs(distance)), _NEAREST),
        )
    ]
    lists += _identifier_lists(outcome, catalog, distance, above)
    held_apart = np.flatnonzero(above & ~outcome.match)
    joined = np.flatnonzero(~above & outcome.match)
    why = "Their clusters as a whole do not fit together, or a constraint keeps them apart."
    if outcome.account.get("one_to_one"):
        why = "One of the two has a better partner, and a record has at most one."
    lists += [
        PairList(
            "Scored as a match, not joined",
            why,
            _pairs(outcome, held_apart[_lowest(-distance[held_apart])]),
            len(held_apart),
        ),
        PairList(
            "Joined in spite of a low score",
            "Other records of their cluster brought them together.",
            _pairs(outcome, joined[_lowest(distance[joined])]),
            len(joined),
        ),
    ]
    return [one for one in lists if one.pairs]


def _identifier_lists(
    outcome: Outcome, catalog: Catalog, distance: np.ndarray, above: np.ndarray
) -> list[PairList]:
    found = []
    for name in catalog.of_kind("identifier"):
        if name in outcome.ignore:
            continue
        compared = compare_codes(catalog.codes(name), outcome.left, outcome.right)
        same = compared == EQUAL
        if not same.any() or outcome.match[same].mean() < _MEANS_A_MATCH:
            continue  # a style's number, or one that is mostly wrong
        equal = np.flatnonzero(same & ~outcome.match)
        found.append(
            PairList(
                f"Equal {name}, no match",
                f"Either the {name} of one is wrong, or the match was missed.",
                _pairs(outcome, equal[_lowest(distance[equal])]),
                len(equal),
            )
        )
        if outcome.ignore:
            continue  # variants have identifiers of their own
        differ = np.flatnonzero((compared == DIFFERENT) & outcome.match & above)
        found.append(
            PairList(
                f"Different {name}, matched",
                "The rest of the two records says that they are the same.",
                _pairs(outcome, differ[_lowest(-distance[differ])]),
                len(differ),
            )
        )
    return found


def _lowest(values: np.ndarray) -> np.ndarray:
    """Positions of as many of the lowest values as are looked through; of equal ones the first."""
    if len(values) <= _LOOKED_THROUGH:
        return np.argsort(values, kind="stable")
    low = np.flatnonzero(values <= np.partition(values, _LOOKED_THROUGH)[_LOOKED_THROUGH])
    return low[np.argsort(values[low], kind="stable")][:_LOOKED_THROUGH]


def _pairs(outcome: Outcome, order: np.ndarray, number: int = _DISAGREEING) -> list[PairData]:
    """Return the first pairs of an order, no record twice while there are others."""
    seen: set[int] = set()
    first, rest = [], []
    for k in order.tolist():
        rows = {int(outcome.left[k]), int(outcome.right[k])}
        if rows & seen:
            rest.append(k)
            continue
        seen |= rows
        first.append(k)
    chosen = (first + rest)[:number]
    ranked = {k: place for place, k in enumerate(order.tolist())}
    return [
        PairData(
            left=int(outcome.left[k]),
            right=int(outcome.right[k]),
            score=round(float(outcome.score[k]), 5),
            match=bool(outcome.match[k]),
            blockers=outcome.blockers[outcome.blocker[k]],
        )
        for k in sorted(chosen, key=ranked.__getitem__)
    ]
