"""Rules as orders: the records of a cluster, the one whose value is taken before the others.

A rule gives keys, the higher the better. Ties go to the value that more records state, to its more
frequent spelling, to the more complete record, and to the record whose name comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from linkage.golden.attribute import Attribute
from linkage.golden.members import Members

__all__ = ["Context", "best_first", "distinct_rows", "order_records", "votes"]


@dataclass(frozen=True)
class Context:
    """What rules read beside the attribute, of n records.

    Attributes:
        members: the clusters.
        completeness: how many attributes each record states, int64[n].
        newest: the day of each record, float64[n], -inf where unknown; None without a date column.
        trust: minus the place of each record's source in the list of sources, int64[n]; None
            without such a list.
    """

    members: Members
    completeness: np.ndarray
    newest: np.ndarray | None = None
    trust: np.ndarray | None = None


def order_records(
    context: Context, rule: str, attributes: Sequence[Attribute], code: np.ndarray
) -> np.ndarray:
    """The rows that state a value, by cluster, the best of each first.

    Args:
        context: the records.
        rule: one of `linkage.config.golden.RULES`.
        attributes: what is chosen by the rule; several where they are taken from one record. The
            rule reads the first.
        code: which rows say the same in all of them, int64[n], -1 where a row states none.

    Returns:
        int64[m].
    """
    members = context.members
    rows = best_first(members, code >= 0, [])
    several = members.counts(rows)[members.label[rows]] > 1
    some = np.zeros(len(code), np.bool_)
    some[rows[several]] = True
    first = attributes[0]
    spelling = first.cells.code if len(attributes) == 1 else code
    keys = [
        np.sum([one.stated for one in attributes], axis=0) if len(attributes) > 1 else None,
        *_KEYS[rule](context, first, some),
        votes(members, code, some),
        votes(members, spelling, some),
        context.completeness,
    ]
    # Records that are alone in their cluster need no keys, and are most of a catalog.
    rows[several] = best_first(members, some, [key for key in keys if key is not None])
    return rows


def best_first(members: Members, use: np.ndarray, keys: Sequence[np.ndarray]) -> np.ndarray:
    """Some rows by cluster, those with the higher keys first, then by name.

    Args:
        members: the clusters of n records.
        use: which rows, bool[n].
        keys: numbers, each of shape (n,), the first decides first.
    """
    rows = members.order[use[members.order]]
    if not keys:
        return rows
    return rows[np.lexsort([*(-key[rows] for key in reversed(keys)), members.label[rows]])]


def votes(members: Members, code: np.ndarray, use: np.ndarray) -> np.ndarray:
    """How many records of its cluster say the same as each record, int64[n]; 0 for rows not used.

    Args:
        members: the clusters of n records.
        code: which rows say the same, int64[n], -1 for those that say nothing.
        use: which rows count, bool[n].
    """
    out = np.zeros(len(code), np.int64)
    rows = np.flatnonzero(use & (code >= 0))
    pairs = members.label[rows] * (int(code.max(initial=0)) + 1) + code[rows]
    _, at, count = np.unique(pairs, return_inverse=True, return_counts=True)
    out[rows] = count[at]
    return out


def distinct_rows(members: Members, code: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The first of each cluster's rows that say the same, in the order of the rows given."""
    pairs = members.label[rows] * (int(code.max(initial=0)) + 1) + code[rows]
    return rows[np.sort(np.unique(pairs, return_index=True)[1])]


_Keys = Callable[[Context, Attribute, np.ndarray], list[np.ndarray]]


def _none(context: Context, attribute: Attribute, some: np.ndarray) -> list[np.ndarray]:
    return []


def _known(key: np.ndarray | None) -> list[np.ndarray]:
    assert key is not None, "the plan refuses a rule without what it needs"
    return [key]


def _amount(sign: float) -> _Keys:
    def keys(context: Context, attribute: Attribute, some: np.ndarray) -> list[np.ndarray]:
        known = ~np.isnan(attribute.amount)
        # Grams are not compared with millilitres: what most records of the cluster measure counts.
        measured = votes(context.members, attribute.dimension, some & known)
        return [measured, np.where(known, sign * attribute.amount, -np.inf)]

    return keys


def _median(context: Context, attribute: Attribute, some: np.ndarray) -> list[np.ndarray]:
    """Minus the distance from the middle place by amount, of an even number the lower one."""
    measured, amount = _amount(-1.0)(context, attribute, some)
    label = context.members.label
    rows = best_first(context.members, some & (amount > -np.inf), [measured, amount])
    # Only what the most records measure has a middle.
    most = np.zeros(len(context.members.names), np.int64)
    np.maximum.at(most, label[rows], measured[rows])
    rows = rows[measured[rows] == most[label[rows]]]
    count = context.members.counts(rows)
    start = np.cumsum(count) - count
    place = np.arange(len(rows)) - start[label[rows]]
    key = np.full(len(amount), -np.inf)
    key[rows] = -np.abs(place - (count[label[rows]] - 1) // 2)
    return [key]


_KEYS: dict[str, _Keys] = {
    "most_complete": lambda context, _, some: [context.completeness],
    "most_frequent": _none,
    "longest": lambda context, attribute, some: [attribute.length],
    "newest": lambda context, _, some: _known(context.newest),
    "source": lambda context, _, some: _known(context.trust),
    "min": _amount(-1.0),
    "max": _amount(1.0),
    "median": _median,
    "gtin": lambda context, attribute, some: [attribute.validity],
    "union": _none,
    "offers": _amount(-1.0),
}
