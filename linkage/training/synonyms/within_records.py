"""Synonyms from values that single records state twice: in a column, and differently in a text.

An offer whose colour is caramel and whose title says toffee states one value twice. This needs no
pair of records, so it works where products cannot be distinguished from their siblings. Errors
combine values at random; synonyms occur together far more often than by chance (lift). A hypernym
(shoes, of sneakers) occurs in the column and seldom in the text, so that the lift must be high both
ways. Values are merged agglomeratively, best pair first, and groups are evaluated as wholes.

A modifier that changes the meaning of no value (storm grey, grey) seldom occurs twice with the same
one, so it is evaluated over all values that have it.
"""

from __future__ import annotations

import heapq

import numpy as np

from features.compare.synonyms import Synonyms
from features.statements import Statements
from features.variants.variant_values import canonical_values
from linkage.training.synonyms.value_groups import ValueGroups

__all__ = [
    "meanings_within_records",
    "synonyms_within_records",
    "value_groups",
    "values_by_modifier",
]

#: Records that must state both values, each way.
_FEWEST = 2
#: Lift: how many times as often as by chance two values must occur together, each way.
_LIFT = 5.0
#: Values that must occur with and without a modifier in one record for it to be empty, and the
#: least share of these occurrences among all other values of the records.
_FEWEST_VALUES, _LEAST_SHARE = 3, 0.5


def synonyms_within_records(statements: dict[str, Statements]) -> Synonyms:
    """Return synonyms learned from single records, and spellings of one value by the lexica.

    Args:
        statements: values that the records state, by attribute.

    Returns:
        Groups of two or more values, sorted by falling frequency, as are the values of each.
    """
    groups = {
        name: value_groups(stated, meanings_within_records(stated))
        for name, stated in statements.items()
    }
    return Synonyms({name: some for name, some in groups.items() if some})


def meanings_within_records(stated: Statements) -> np.ndarray:
    """Return the number of each value's group of synonyms, by single records and the lexica.

    Args:
        stated: values that the records state of one attribute.
    """
    groups = ValueGroups(stated.strings)
    groups.join_spellings(np.unique(canonical_values(stated.strings), return_inverse=True)[1])
    own, mentioned = (
        stated.own[stated.mentioned_row].astype(np.int64),
        stated.mentioned.astype(np.int64),
    )
    _merge_by_lift(groups, own, mentioned)
    _merge_empty_modifiers(groups, stated.strings, own, mentioned)
    return groups.group


def _merge_by_lift(groups: ValueGroups, own: np.ndarray, mentioned: np.ndarray) -> None:
    """Merge groups that occur for each other.

    Args:
        groups: the groups, in which the values of a spelling are joined.
        own: value of the column, of each record that mentions another.
        mentioned: value that its text mentions.
    """
    width, total = len(groups.group), max(len(own), 1)
    own, mentioned = groups.group[own], groups.group[mentioned]
    # Lists, whose elements are read several times faster than those of arrays. Records that state
    # one value twice are counted, since they show how frequent it is.
    own_count = np.bincount(own, minlength=width).tolist()
    mentioned_count = np.bincount(mentioned, minlength=width).tolist()
    own, mentioned = own[own != mentioned], mentioned[own != mentioned]
    pairs, counts = np.unique(own * width + mentioned, return_counts=True)
    beside: list[dict[int, list[int]]] = [{} for _ in range(width)]
    for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
        a, b = divmod(pair, width)
        beside[a].setdefault(b, [0, 0])[0] += count
        beside[b].setdefault(a, [0, 0])[1] += count

    def weight_of(a: int, b: int) -> float:
        """Return the evidence that two groups are synonyms; 0 where either lift is too low."""
        forth, back = beside[a][b]
        if min(forth, back) < _FEWEST:
            return 0.0
        lifts = (
            forth * total / max(own_count[a] * mentioned_count[b], 1),
            back * total / max(own_count[b] * mentioned_count[a], 1),
        )
        if min(lifts) < _LIFT:
            return 0.0
        return float(min(forth * np.log(lifts[0]), back * np.log(lifts[1])))

    links = ((-weight_of(a, b), a, b) for a in range(width) for b in beside[a] if a < b)
    heap = [link for link in links if link[0] < 0]
    heapq.heapify(heap)
    while heap:
        weight, a, b = heapq.heappop(heap)
        if b not in beside[a] or -weight != weight_of(a, b) or not groups.join(a, b):
            continue
        own_count[a] += own_count[b]
        mentioned_count[a] += mentioned_count[b]
        for other, (forth, back) in beside[b].items():
            beside[other].pop(b, None)
            if other != a:
                merged = beside[a].setdefault(other, [0, 0])
                merged[0] += forth
                merged[1] += back
                beside[other][a] = [merged[1], merged[0]]
        beside[b] = {}
        for other in beside[a]:
            low, high = min(a, other), max(a, other)
            weight = -weight_of(low, high)
            if weight < 0:
                heapq.heappush(heap, (weight, low, high))


def _merge_empty_modifiers(
    groups: ValueGroups, strings: list[str], own: np.ndarray, mentioned: np.ndarray
) -> None:
    """Merge values that differ in an empty modifier (storm grey, grey)."""
    width, meaning = len(strings), groups.group.copy()
    differ = meaning[own] != meaning[mentioned]
    # The groups that occur with each value in one record, both ways.
    value = np.concatenate([own[differ], mentioned[differ]])
    other = meaning[np.concatenate([mentioned[differ], own[differ]])]
    occurrences = np.bincount(value, minlength=width)
    pairs, counts = np.unique(value.astype(np.int64) * width + other, return_counts=True)
    found = dict(zip(pairs.tolist(), counts.tolist(), strict=True))
    for some in values_by_modifier(strings).values():
        with_rest = [found.get(v * width + int(meaning[rest]), 0) for v, rest in some]
        total = sum(int(occurrences[v]) for v, _ in some)
        if np.count_nonzero(with_rest) >= _FEWEST_VALUES and sum(with_rest) >= _LEAST_SHARE * total:
            for with_modifier, rest in some:
                groups.join(with_modifier, rest)


def value_groups(stated: Statements, meaning: np.ndarray) -> list[list[str]]:
    """Return groups of two or more values of equal meaning, the most frequent first."""
    count = np.bincount(stated.ids, minlength=len(meaning))
    order = np.lexsort((np.array(stated.strings, str), -count))
    members: dict[int, list[str]] = {}
    total: dict[int, int] = {}
    for k in order:
        g = int(meaning[k])
        members.setdefault(g, []).append(stated.strings[k])
        total[g] = total.get(g, 0) + int(count[k])
    groups = [(-total[g], names) for g, names in members.items() if len(names) > 1]
    return [names for _, names in sorted(groups)]


def values_by_modifier(strings: list[str]) -> dict[tuple[str, bool], list[tuple[int, int]]]:
    """Return pairs of values that differ in a first or last word, by that word (the modifier).

    Args:
        strings: the values.

    Returns:
        By word, and whether it is the first one: numbers of the values with and without it.
    """
    number = {value: k for k, value in enumerate(strings)}
    out: dict[tuple[str, bool], list[tuple[int, int]]] = {}
    for value, k in number.items():
        words = value.split()
        for front, word, rest in ((True, words[0], words[1:]), (False, words[-1], words[:-1])):
            other = number.get(" ".join(rest)) if rest else None
            if other is not None:
                out.setdefault((word, front), []).append((k, other))
    return out
