"""Learns from pairs that agree otherwise which values of an attribute mean the same.

Records of one product seldom state different colours. Where two values stand against each other in
its records about as often as equal ones do, and hardly ever in records of different products only,
they are two names of one thing (grey and gray, 2XL and XXL). Each pair of values is weighed by the
likelihood of what was counted under both hypotheses; groups grow best pair first, and what a group
is weighed by is the sum of what is known of all its pairs, so that one slip does not join colours.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from features.arrays.distinct import sorted_distinct
from features.compare.synonyms import StatementFeatures, Synonyms
from features.statements import Statements
from linkage.training.synonyms.within_records import (
    beside_words,
    named_groups,
    spoken_meaning,
)

__all__ = ["ValuePairs", "learn_synonyms"]

#: Agreeing and opposing pairs that are counted; more change nothing but the time.
_MOST_PAIRS = 400_000
#: Rounds of counting: what is found in one is no difference in the next.
_ROUNDS = 2
#: Log-odds, before any evidence of pairs, that two values mean the same which single records show
#: to, or which are spellings of one size, quantity or colour by the shipped lexica. Of any others
#: it is one in as many as there are values.
_PRIOR_OF_SPOKEN = 3.0
#: Products that must show it of values that are no spellings of one another.
_FEWEST_PRODUCTS = 2
#: An attribute whose equal values do not make a match so many times likelier tells nothing.
_TELLING = 2.0
#: Words beside a value (storm grey) that turn out to mean nothing for so many values.
_FEWEST_VALUES, _MODIFIER_EVIDENCE = 3, 3.0


@dataclass(frozen=True)
class ValuePairs:
    """Pairs of records from which synonyms are learned.

    Attributes:
        left, right: rows.
        agree: whether all else says that they are one product, bool.
        product: number of each record's product as far as it is known, shape (n,); what records of
            one product show counts once.
    """

    left: np.ndarray
    right: np.ndarray
    agree: np.ndarray
    product: np.ndarray

    def subsampled(self) -> ValuePairs:
        """At most so many agreeing and so many opposing pairs, evenly spread."""
        chosen = []
        for wanted in (True, False):
            rows = np.flatnonzero(self.agree == wanted)
            chosen.append(rows[:: max(1, -(-len(rows) // _MOST_PAIRS))])
        rows = np.sort(np.concatenate(chosen))
        return ValuePairs(self.left[rows], self.right[rows], self.agree[rows], self.product)


@dataclass(frozen=True)
class _Counts:
    """How often two values stood against each other, or one against itself.

    Attributes:
        first, second: numbers of the values.
        agreeing: products of which records state both.
        opposing: products of which a record states the one, and a record of another the other.
        said: products of which a text says the one where the column has the other.
    """

    first: np.ndarray
    second: np.ndarray
    agreeing: np.ndarray
    opposing: np.ndarray
    said: np.ndarray

    @property
    def shown(self) -> np.ndarray:
        """Products that show a common meaning; what texts say counts as often as records do."""
        return self.agreeing + np.minimum(self.said, self.agreeing)

    def rates(self, meaning: np.ndarray) -> tuple[float, float] | None:
        """What an agreeing, and what an opposing, product adds to the log-odds of a meaning.

        None where equal values hardly tell.
        """
        same = meaning[self.first] == meaning[self.second]
        shares = []
        for some in (same, ~same):
            agreeing, opposing = int(self.agreeing[some].sum()), int(self.opposing[some].sum())
            shares.append((agreeing + 0.5) / (agreeing + opposing + 1))
        if shares[0] < _TELLING * shares[1]:
            return None
        return (
            float(np.log(shares[0] / shares[1])),
            float(np.log((1 - shares[0]) / (1 - shares[1]))),
        )


def learn_synonyms(statements: dict[str, Statements], pairs: ValuePairs) -> Synonyms:
    """Learns groups of values that mean the same.

    Args:
        statements: what records state, by attribute.
        pairs: pairs that agree otherwise, and pairs that do not.

    Returns:
        Groups of two or more values, the commonest first in each and among them.
    """
    pairs = pairs.subsampled()
    meaning = {name: np.arange(len(s.strings)) for name, s in statements.items()}
    agreement = {name: _agreement(s, meaning[name], pairs) for name, s in statements.items()}
    telling = [
        name
        for name, stated in statements.items()
        if _count(stated, pairs, np.arange(len(pairs.left))).rates(meaning[name])
    ]
    spoken = {name: spoken_meaning(statements[name]) for name in telling}
    for _ in range(_ROUNDS):
        found = {}
        for name in telling:
            stated = statements[name]
            # Where all other attributes fit, hardly anything but this one can keep records apart.
            fits = np.ones(len(pairs.left), bool)
            for other in telling:
                fits &= (other == name) | (agreement[other] != 0)
            counts = _count(stated, pairs, np.flatnonzero(fits))
            rates = counts.rates(meaning[name])
            if rates is None:
                continue
            evidence = counts.shown * rates[0] + counts.opposing * rates[1]
            found[name] = _merged(stated.strings, counts, evidence, spoken[name])
        meaning |= found
        agreement |= {n: _agreement(statements[n], meaning[n], pairs) for n in found}
    groups = {name: named_groups(statements[name], meaning[name]) for name in telling}
    return Synonyms({name: some for name, some in groups.items() if some})


def _agreement(stated: Statements, meaning: np.ndarray, pairs: ValuePairs) -> np.ndarray:
    """Share of the fewer meanings stated that two records have in common, NaN unknown."""
    synonyms = Synonyms({stated.name: named_groups(stated, meaning)})
    return StatementFeatures(stated, synonyms).compare(pairs.left, pairs.right)[:, 0]


def _count(stated: Statements, pairs: ValuePairs, rows: np.ndarray) -> _Counts:
    """Counts what stood against what; records that state a value in common show only that."""
    width = len(stated.strings)
    left, right = pairs.left[rows], pairs.right[rows]
    size = np.diff(stated.indptr)
    across = size[right]
    total = size[left] * across
    at = np.repeat(np.arange(len(rows)), total)
    place = np.arange(len(at)) - np.repeat(np.cumsum(total) - total, total)
    one = stated.ids[stated.indptr[left[at]] + place // across[at]].astype(np.int64)
    two = stated.ids[stated.indptr[right[at]] + place % across[at]].astype(np.int64)
    common = np.bincount(at[one == two], minlength=len(rows)) > 0
    keep = (one == two) | ~common[at]
    one, two, at = one[keep], two[keep], at[keep]
    agree, product = pairs.agree[rows][at], pairs.product[left[at]]
    # A title that says toffee of what its column calls caramel is one product saying both.
    said = stated.mentioned_row
    own, spoken = stated.own[said].astype(np.int64), stated.mentioned.astype(np.int64)
    first = np.concatenate([np.minimum(one, two), np.minimum(own, spoken)])
    second = np.concatenate([np.maximum(one, two), np.maximum(own, spoken)])
    how = np.concatenate([agree.astype(np.int64), np.full(len(said), 2)])
    product = np.concatenate([product, pairs.product[said]])
    distinct, number = np.unique(first * width + second, return_inverse=True)
    products = int(product.max(initial=0)) + 1
    once = sorted_distinct((number * 3 + how) * products + product) // products
    found = np.bincount(once, minlength=3 * len(distinct)).reshape(-1, 3)
    return _Counts(distinct // width, distinct % width, found[:, 1], found[:, 0], found[:, 2])


def _merged(
    strings: list[str], counts: _Counts, evidence: np.ndarray, spoken: np.ndarray
) -> np.ndarray:
    """Number of each value's group: groups join while the evidence of all their pairs is for it."""
    width = len(strings)
    spelt = _empty_modifiers(strings, counts, evidence)
    spelt |= {(int(a), int(b)) for a, b in _within(spoken)}
    shown = counts.shown
    # How often each value is shown at all: two common ones meet by chance. Lists, since numbers of
    # arrays take several times as long one by one.
    common = (
        np.bincount(counts.first, shown / 2, minlength=width)
        + np.bincount(counts.second, shown / 2, minlength=width)
    ).tolist()
    total = max(float(shown.sum()), 1.0)
    links: list[dict[int, tuple[float, int, bool]]] = [{} for _ in range(width)]
    hopeful = (evidence > 0) & (counts.first != counts.second)
    some = np.zeros(width, bool)
    for values in (counts.first[hopeful], counts.second[hopeful], [v for p in spelt for v in p]):
        some[np.asarray(values, int)] = True
    used = some[counts.first] & some[counts.second] & (counts.first != counts.second)
    columns = (counts.first[used], counts.second[used], evidence[used], shown[used])
    for a, b, told, products in zip(*(column.tolist() for column in columns), strict=True):
        links[a][b] = links[b][a] = (told, products, (a, b) in spelt)
    for a, b in spelt:
        if b not in links[a]:
            links[a][b] = links[b][a] = (0.0, 0, True)
    group = np.arange(width)
    prior = -float(np.log(width))

    def weight_of(a: int, b: int) -> float:
        """Log-odds that two groups mean the same; never positive where chance would do."""
        told, products, same = links[a][b]
        if same:
            return told + _PRIOR_OF_SPOKEN
        weight = told + prior
        if weight <= 0 or products >= max(_FEWEST_PRODUCTS, 2 * common[a] * common[b] / total):
            return weight
        return 0.0

    # Links that evidence is against wait until a group that grows turns it.
    linked = ((-weight_of(a, b), a, b) for a in range(width) for b in links[a] if a < b)
    heap = [link for link in linked if link[0] < 0]
    heapq.heapify(heap)
    while heap:
        weight, a, b = heapq.heappop(heap)
        if b not in links[a] or -weight != weight_of(a, b):
            continue
        common[a] += common[b]
        # What else is known of the group it was before, or comes to nothing by now that it is more
        # common; so only what changes is weighed again.
        for other, (told, products, same) in links[b].items():
            links[other].pop(b, None)
            if other == a:
                continue
            before: tuple[float, int, bool] = links[a].get(other, (0.0, 0, False))
            joined = (before[0] + told, before[1] + products, before[2] or same)
            links[a][other] = links[other][a] = joined
            low, high = min(a, other), max(a, other)
            weight = -weight_of(low, high)
            if weight < 0:
                heapq.heappush(heap, (weight, low, high))
        links[b] = {}
        group[group == b] = a
    return group


def _within(group: np.ndarray) -> np.ndarray:
    """Pairs of values of one group, each beside the next; shape (k, 2)."""
    order = np.argsort(group, kind="stable")
    same = group[order[1:]] == group[order[:-1]]
    return np.column_stack([order[:-1][same], order[1:][same]])


def _empty_modifiers(
    strings: list[str], counts: _Counts, evidence: np.ndarray
) -> set[tuple[int, int]]:
    """Values and what is left of them without a word that means nothing (storm grey, grey).

    A word means nothing if that holds of several values together; light does not, since light grey
    and grey stand between products, not in them.
    """
    width = len(strings)
    known = dict(zip(counts.first * width + counts.second, evidence, strict=True))
    out: set[tuple[int, int]] = set()
    for some in beside_words(strings).values():
        found = [(min(a, b), max(a, b)) for a, b in some]
        told = [known[a * width + b] for a, b in found if a * width + b in known]
        if len(told) >= _FEWEST_VALUES and sum(told) >= _MODIFIER_EVIDENCE:
            out |= set(found)
    return out
