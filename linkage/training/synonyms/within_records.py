"""Synonyms from what single records say twice: in a column, and otherwise in a text.

An offer whose colour is caramel and whose title says toffee names one thing twice. No pair of
records is needed to see it, so that this holds where nothing else tells products from siblings. A
slip puts any value beside any other; what is meant by both names stands together far more often
than their numbers let expect. A name of something wider (shoes, of sneakers) stands in the column
and seldom the other way round, so that both ways are asked for. Groups grow best pair first, and
are judged as wholes: what is rare beside each other once may be slips of two names of two things.

A word before or after values that changes the meaning of none (storm grey, grey) is seldom seen
twice beside the same one; so what is said beside all values that have it is judged together.
"""

from __future__ import annotations

import heapq

import numpy as np

from features.compare.synonyms import Synonyms
from features.statements import Statements
from features.variants.variant_values import canonical_values

__all__ = ["beside_words", "named_groups", "spoken_meaning", "spoken_synonyms"]

#: Records that must show it, each way round.
_FEWEST = 2
#: How many times as often as by chance the two must stand together, each way round.
_LIFT = 5.0
#: Values without a word that must show that it means nothing, and the share of what is said beside
#: the values with it that these have to be.
_FEWEST_VALUES, _MOSTLY = 3, 0.5


def spoken_synonyms(statements: dict[str, Statements]) -> Synonyms:
    """Learns groups of values that mean the same from single records.

    Spellings of one size, quantity or colour by the shipped lexica are groups, too.

    Args:
        statements: what records state, by attribute.

    Returns:
        Groups of two or more values, the commonest first in each and among them.
    """
    groups = {
        name: named_groups(stated, spoken_meaning(stated)) for name, stated in statements.items()
    }
    return Synonyms({name: some for name, some in groups.items() if some})


def spoken_meaning(stated: Statements) -> np.ndarray:
    """Number of each value's group, by what single records say and by the shipped lexica.

    Args:
        stated: what records state of one attribute.
    """
    spelling = np.unique(canonical_values(stated.strings), return_inverse=True)[1]
    own, spoken = (
        stated.own[stated.mentioned_row].astype(np.int64),
        stated.mentioned.astype(np.int64),
    )
    meaning = _grown(spelling[own], spelling[spoken], int(spelling.max(initial=-1)) + 1)[spelling]
    return _without_empty_words(stated.strings, own, spoken, meaning)


def _grown(own: np.ndarray, spoken: np.ndarray, width: int) -> np.ndarray:
    """Number of the group of each spelling: groups join while they stand for each other."""
    total = max(len(own), 1)
    # Lists, since numbers of arrays take several times as long one by one. Other spellings of one
    # thing count here, since they show how common it is.
    owned = np.bincount(own, minlength=width).tolist()
    said = np.bincount(spoken, minlength=width).tolist()
    own, spoken = own[own != spoken], spoken[own != spoken]
    pairs, counts = np.unique(own * width + spoken, return_counts=True)
    beside: list[dict[int, list[int]]] = [{} for _ in range(width)]
    for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
        a, b = divmod(pair, width)
        beside[a].setdefault(b, [0, 0])[0] += count
        beside[b].setdefault(a, [0, 0])[1] += count

    def weight_of(a: int, b: int) -> float:
        """How surely two groups stand for each other; 0 where chance would do, one way round."""
        forth, back = beside[a][b]
        if min(forth, back) < _FEWEST:
            return 0.0
        lifts = (
            forth * total / max(owned[a] * said[b], 1),
            back * total / max(owned[b] * said[a], 1),
        )
        if min(lifts) < _LIFT:
            return 0.0
        return float(min(forth * np.log(lifts[0]), back * np.log(lifts[1])))

    links = ((-weight_of(a, b), a, b) for a in range(width) for b in beside[a] if a < b)
    heap = [link for link in links if link[0] < 0]
    heapq.heapify(heap)
    group = np.arange(width)
    while heap:
        weight, a, b = heapq.heappop(heap)
        if b not in beside[a] or -weight != weight_of(a, b):
            continue
        owned[a] += owned[b]
        said[a] += said[b]
        for other, (forth, back) in beside[b].items():
            beside[other].pop(b, None)
            if other != a:
                known = beside[a].setdefault(other, [0, 0])
                known[0] += forth
                known[1] += back
                beside[other][a] = [known[1], known[0]]
        beside[b] = {}
        group[group == b] = a
        for other in beside[a]:
            low, high = min(a, other), max(a, other)
            weight = -weight_of(low, high)
            if weight < 0:
                heapq.heappush(heap, (weight, low, high))
    return group


def _without_empty_words(
    strings: list[str], own: np.ndarray, spoken: np.ndarray, meaning: np.ndarray
) -> np.ndarray:
    """Groups joined with those of what is left of their values without a word that is empty."""
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    width = len(strings)
    differ = meaning[own] != meaning[spoken]
    # What either way round stands beside each value, by its meaning.
    value = np.concatenate([own[differ], spoken[differ]])
    other = meaning[np.concatenate([spoken[differ], own[differ]])]
    said = np.bincount(value, minlength=width)
    pairs, counts = np.unique(value.astype(np.int64) * width + other, return_counts=True)
    found = dict(zip(pairs.tolist(), counts.tolist(), strict=True))
    joined = []
    for some in beside_words(strings).values():
        told = [found.get(v * width + int(meaning[rest]), 0) for v, rest in some]
        beside = sum(int(said[v]) for v, _ in some)
        if np.count_nonzero(told) >= _FEWEST_VALUES and sum(told) >= _MOSTLY * beside:
            joined += some
    if not joined:
        return meaning
    a, b = meaning[np.array(joined).T]
    graph = sparse.coo_array((np.ones(len(a), np.int8), (a, b)), shape=(width, width))
    merged: np.ndarray = connected_components(graph, directed=False)[1][meaning]
    return merged


def named_groups(stated: Statements, meaning: np.ndarray) -> list[list[str]]:
    """Groups of two or more values, the commonest first."""
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


def beside_words(strings: list[str]) -> dict[tuple[str, bool], list[tuple[int, int]]]:
    """Values that begin or end with a word, each with the value that is left without it.

    Args:
        strings: the values.

    Returns:
        By word, and whether it stands in front: numbers of the values with and without it.
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
