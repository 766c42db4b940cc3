"""Learning synonyms from pairs of records that are matches by other evidence.

Records of one product seldom state different colours. Two values that records of one product state
about as often as equal ones, and records of different products seldom, are synonyms (grey and gray,
2XL and XXL). Each pair of values has a log-likelihood ratio of its counts under both hypotheses;
groups are merged agglomeratively, best pair first, by the sum over all pairs of values of two
groups, so that a single error does not merge two colours. Values of different amounts, sizes or
colours are never merged, whatever the evidence (`linkage.training.synonyms.value_groups`).
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from features.arrays.distinct import sorted_distinct
from features.compare.synonyms import StatementFeatures, Synonyms
from features.statements import Statements
from linkage.training.synonyms.value_groups import ValueGroups, consecutive_pairs
from linkage.training.synonyms.within_records import (
    meanings_within_records,
    value_groups,
    values_by_modifier,
)

__all__ = ["ValuePairs", "learn_synonyms"]

#: Agreeing and opposing pairs that are counted; more take time, and change nothing.
_MOST_PAIRS = 400_000
#: Rounds of counting: synonyms found in one are no difference in the next.
_ROUNDS = 2
#: Prior log-odds that two values are synonyms which are so by single records or by the shipped
#: lexica. The prior probability of others is one in the number of values.
_PRIOR_WITHIN_RECORDS = 3.0
#: Products whose records must state both values, unless these are synonyms by single records.
_FEWEST_PRODUCTS = 2
#: Least ratio of the probabilities of a match of equal and of different values of an attribute.
_LEAST_RATIO = 2.0
#: Values that must show a modifier (storm grey) to be empty, and the least sum of their evidence.
_FEWEST_VALUES, _MODIFIER_EVIDENCE = 3, 3.0


@dataclass(frozen=True)
class ValuePairs:
    """Pairs of records from which synonyms are learned.

    Attributes:
        left, right: rows.
        agree: whether they are of one product by other evidence, bool, shape (m,).
        product: number of each record's product as far as it is known, shape (n,); counts are of
            products, not of records.
    """

    left: np.ndarray
    right: np.ndarray
    agree: np.ndarray
    product: np.ndarray

    def subsampled(self) -> ValuePairs:
        """Return at most so many agreeing and so many opposing pairs, evenly spread."""
        chosen = []
        for wanted in (True, False):
            rows = np.flatnonzero(self.agree == wanted)
            chosen.append(rows[:: max(1, -(-len(rows) // _MOST_PAIRS))])
        rows = np.sort(np.concatenate(chosen))
        return ValuePairs(self.left[rows], self.right[rows], self.agree[rows], self.product)


@dataclass(frozen=True)
class _Counts:
    """Numbers of products in which two values, or one value twice, were compared.

    Attributes:
        first, second: numbers of the values.
        agreeing: products with records that state both.
        opposing: products of which a record states one, while another product's states the other.
        mentioned: products of which a text states one where the column has the other.
    """

    first: np.ndarray
    second: np.ndarray
    agreeing: np.ndarray
    opposing: np.ndarray
    mentioned: np.ndarray

    @property
    def support(self) -> np.ndarray:
        """Products that support synonyms; texts count at most as often as pairs of records."""
        return self.agreeing + np.minimum(self.mentioned, self.agreeing)

    def log_ratios(self, meaning: np.ndarray) -> tuple[float, float] | None:
        """Return the log-likelihood ratios of an agreeing and of an opposing product.

        None where equal values are hardly evidence of a match.

        Args:
            meaning: number of each value's group of synonyms.
        """
        same = meaning[self.first] == meaning[self.second]
        shares = []
        for some in (same, ~same):
            agreeing, opposing = int(self.agreeing[some].sum()), int(self.opposing[some].sum())
            shares.append((agreeing + 0.5) / (agreeing + opposing + 1))
        if shares[0] < _LEAST_RATIO * shares[1]:
            return None
        return (
            float(np.log(shares[0] / shares[1])),
            float(np.log((1 - shares[0]) / (1 - shares[1]))),
        )


def learn_synonyms(statements: dict[str, Statements], pairs: ValuePairs) -> Synonyms:
    """Return synonyms learned from pairs of records.

    Args:
        statements: values that the records state, by attribute.
        pairs: pairs that are matches by other evidence, and pairs that are not.

    Returns:
        Groups of two or more values, sorted by falling frequency, as are the values of each.
    """
    pairs = pairs.subsampled()
    meaning = {name: np.arange(len(s.strings)) for name, s in statements.items()}
    agreement = {name: _agreement(s, meaning[name], pairs) for name, s in statements.items()}
    informative = [
        name
        for name, stated in statements.items()
        if _count(stated, pairs, np.arange(len(pairs.left))).log_ratios(meaning[name])
    ]
    within = {name: meanings_within_records(statements[name]) for name in informative}
    for _ in range(_ROUNDS):
        found = {}
        for name in informative:
            stated = statements[name]
            # Only pairs without a conflict in other attributes are evidence for this one.
            without_conflict = np.ones(len(pairs.left), bool)
            for other in informative:
                without_conflict &= (other == name) | (agreement[other] != 0)
            counts = _count(stated, pairs, np.flatnonzero(without_conflict))
            ratios = counts.log_ratios(meaning[name])
            if ratios is None:
                continue
            evidence = counts.support * ratios[0] + counts.opposing * ratios[1]
            found[name] = _merge_values(stated.strings, counts, evidence, within[name])
        meaning |= found
        agreement |= {n: _agreement(statements[n], meaning[n], pairs) for n in found}
    groups = {name: value_groups(statements[name], meaning[name]) for name in informative}
    return Synonyms({name: some for name, some in groups.items() if some})


def _agreement(stated: Statements, meaning: np.ndarray, pairs: ValuePairs) -> np.ndarray:
    """Return the share of common values of each pair, of the fewer stated ones; NaN if unknown."""
    synonyms = Synonyms({stated.name: value_groups(stated, meaning)})
    return StatementFeatures(stated, synonyms).compare(pairs.left, pairs.right)[:, 0]


def _count(stated: Statements, pairs: ValuePairs, rows: np.ndarray) -> _Counts:
    """Return counts of the values compared in some pairs.

    Of records that state common values only these are counted.
    """
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
    # A title with toffee where the column has caramel is one product that states both.
    row = stated.mentioned_row
    own, mentioned = stated.own[row].astype(np.int64), stated.mentioned.astype(np.int64)
    first = np.concatenate([np.minimum(one, two), np.minimum(own, mentioned)])
    second = np.concatenate([np.maximum(one, two), np.maximum(own, mentioned)])
    kind = np.concatenate([agree.astype(np.int64), np.full(len(row), 2)])
    product = np.concatenate([product, pairs.product[row]])
    distinct, number = np.unique(first * width + second, return_inverse=True)
    products = int(product.max(initial=0)) + 1
    once = sorted_distinct((number * 3 + kind) * products + product) // products
    found = np.bincount(once, minlength=3 * len(distinct)).reshape(-1, 3)
    return _Counts(distinct // width, distinct % width, found[:, 1], found[:, 0], found[:, 2])


def _merge_values(
    strings: list[str], counts: _Counts, evidence: np.ndarray, within: np.ndarray
) -> np.ndarray:
    """Return the group of each value after merging while the evidence of all pairs is positive.

    Args:
        strings: the values.
        counts: counts of pairs of values.
        evidence: log-likelihood ratio of each of these pairs.
        within: group of each value by single records and the lexica.
    """
    width = len(strings)
    known = _empty_modifiers(strings, counts, evidence)
    known |= set(consecutive_pairs(within))
    support = counts.support
    # Two frequent values occur together by chance. Lists, whose elements are read several times
    # faster than those of arrays.
    frequency = (
        np.bincount(counts.first, support / 2, minlength=width)
        + np.bincount(counts.second, support / 2, minlength=width)
    ).tolist()
    total = max(float(support.sum()), 1.0)
    links: list[dict[int, tuple[float, int, bool]]] = [{} for _ in range(width)]
    positive = (evidence > 0) & (counts.first != counts.second)
    some = np.zeros(width, bool)
    for values in (counts.first[positive], counts.second[positive], [v for p in known for v in p]):
        some[np.asarray(values, int)] = True
    used = some[counts.first] & some[counts.second] & (counts.first != counts.second)
    columns = (counts.first[used], counts.second[used], evidence[used], support[used])
    for a, b, ratio, products in zip(*(column.tolist() for column in columns), strict=True):
        links[a][b] = links[b][a] = (ratio, products, (a, b) in known)
    for a, b in known:
        if b not in links[a]:
            links[a][b] = links[b][a] = (0.0, 0, True)
    groups = ValueGroups(strings)
    prior = -float(np.log(width))

    def weight_of(a: int, b: int) -> float:
        """Return the log-odds that two groups are synonyms; at most 0 if explained by chance."""
        ratio, products, is_known = links[a][b]
        if is_known:
            return ratio + _PRIOR_WITHIN_RECORDS
        weight = ratio + prior
        by_chance = frequency[a] * frequency[b] / total
        if weight <= 0 or products >= max(_FEWEST_PRODUCTS, 2 * by_chance):
            return weight
        return 0.0

    # Links of negative weight are added when a merge makes it positive.
    linked = ((-weight_of(a, b), a, b) for a in range(width) for b in links[a] if a < b)
    heap = [link for link in linked if link[0] < 0]
    heapq.heapify(heap)
    while heap:
        weight, a, b = heapq.heappop(heap)
        if b not in links[a] or -weight != weight_of(a, b):
            continue
        if not groups.join(a, b):
            # No evidence joins them, nor larger groups that hold both.
            links[a][b] = links[b][a] = (-np.inf, 0, False)
            continue
        frequency[a] += frequency[b]
        # Other links of the merged group keep their weight, or lose it by its higher frequency,
        # which is checked when they leave the heap; so only the changed links are added.
        for other, (ratio, products, is_known) in links[b].items():
            links[other].pop(b, None)
            if other == a:
                continue
            before: tuple[float, int, bool] = links[a].get(other, (0.0, 0, False))
            joined = (before[0] + ratio, before[1] + products, before[2] or is_known)
            links[a][other] = links[other][a] = joined
            low, high = min(a, other), max(a, other)
            weight = -weight_of(low, high)
            if weight < 0:
                heapq.heappush(heap, (weight, low, high))
        links[b] = {}
    return groups.group


def _empty_modifiers(
    strings: list[str], counts: _Counts, evidence: np.ndarray
) -> set[tuple[int, int]]:
    """Return pairs of values that differ in an empty modifier only (storm grey, grey).

    A modifier is empty if the evidence of several values together shows it. Light is not: light
    grey and grey are stated by records of different products.
    """
    width = len(strings)
    evidence_of = dict(zip(counts.first * width + counts.second, evidence, strict=True))
    out: set[tuple[int, int]] = set()
    for some in values_by_modifier(strings).values():
        found = [(min(a, b), max(a, b)) for a, b in some]
        ratios = [evidence_of[a * width + b] for a, b in found if a * width + b in evidence_of]
        if len(ratios) >= _FEWEST_VALUES and sum(ratios) >= _MODIFIER_EVIDENCE:
            out |= set(found)
    return out
