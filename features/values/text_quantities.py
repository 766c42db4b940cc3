"""Quantities in the words of texts, including packs (6 x 330 ml) and dimensions (170 x 120 cm).

The grammar, over tokens: an item is a number with or without a unit (``330 ml``, ``330ml``, ``6``).
Items joined by a multiplication sign are one quantity: lengths make an area or a volume, other
factors multiply. A smaller unit that follows is added (``5 ft 10 in``). A count of items, wherever
it is stated (``6 bottles``, ``pack of 6``, ``twin pack``), multiplies masses and volumes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from features.text.sets import SparseSets, sparse_sets
from features.values.units import DIMENSION_CODE
from features.values.word_facts import WordFacts
from features.values.word_roles import Role

__all__ = ["STEP", "FoundQuantities", "find_quantities", "quantity_sets"]

#: Room for the distinct amounts of one dimension in the numbering of quantity terms.
STEP = 1 << 24
_LENGTH, _AREA, _VOLUME, _MASS, _COUNT, _RATIO, _PIXELS, _DATA, _SPEED, _YARN = (
    DIMENSION_CODE[name]
    for name in (
        "length", "area", "volume", "mass", "count", "ratio", "pixels", "data", "speed", "yarn",
    )
)  # fmt: skip
_BY, _PACK, _BOX, _OF, _SQUARE, _CUBIC, _SECOND, _SEVERAL, _JOINED, _PART, _TIMES = (
    int(role) for role in Role
)
#: Items of one product; lengths of more than three are no quantity.
_MOST_ITEMS = 5
_LARGEST_PACK = 9999


@dataclass(frozen=True)
class FoundQuantities:
    """Quantities of each record in the order of the text.

    Attributes:
        indptr: start of each record's quantities, int64, shape (n + 1,).
        amount: in base units, over all packs, float64.
        dimension: position in `DIMENSIONS`, int8.
        packs: how many items the record says there are, NaN where it does not, float64.
    """

    indptr: np.ndarray
    amount: np.ndarray
    dimension: np.ndarray
    packs: np.ndarray


def find_quantities(indptr: np.ndarray, ids: np.ndarray, facts: WordFacts) -> FoundQuantities:
    """Reads the quantities of each record.

    Args:
        indptr: start of each record's words.
        ids: number of each word.
        facts: the facts that each word can be.
    """
    # Each quantity has a number, or a word for one.
    room = int(np.count_nonzero(((facts.factors > 0) | ~np.isnan(facts.count))[ids]))
    found = FoundQuantities(
        np.zeros(len(indptr), np.int64), np.empty(room), np.empty(room, np.int8), np.empty(room)
    )
    used = _read(
        indptr, ids, facts.number, facts.lead, facts.factors, facts.own_factor,
        facts.own_dimension, facts.unit_factor, facts.unit_dimension, facts.role, facts.count,
        found.indptr, found.amount, found.dimension, found.packs,
    )  # fmt: skip
    return FoundQuantities(
        found.indptr, found.amount[:used], found.dimension[:used], found.packs[:used]
    )


def quantity_sets(indptr: np.ndarray, ids: np.ndarray, facts: WordFacts) -> SparseSets:
    """Quantities of each record as sets of terms; ``term // STEP`` is the dimension.

    Args:
        indptr: start of each record's words.
        ids: number of each word.
        facts: the facts that each word can be.
    """
    found = find_quantities(indptr, ids, facts)
    # Amounts within half a percent are the same: 16.9 oz is sold as 500 ml.
    level = np.round(np.log(found.amount) * 100)
    level = np.clip(level, -STEP // 2, STEP // 2 - 1).astype(np.int64) + STEP // 2
    terms = found.dimension.astype(np.int64) * STEP + level
    return sparse_sets(found.indptr, terms.astype(np.int32), 127 * STEP)


@njit(nogil=True, cache=True)
def _read(
    indptr, ids, number, lead, factors, own_factor, own_dimension, unit_factor, unit_dimension,
    role, count, out_indptr, amount, dimension, packs,
):  # fmt: skip
    """Fills the quantities of all records; returns how many there are. Arguments as their names."""
    value, size = np.empty(_MOST_ITEMS), np.empty(_MOST_ITEMS, np.int64)
    factor, kind = np.empty(_MOST_ITEMS), np.empty(_MOST_ITEMS, np.int64)
    begin = np.empty(_MOST_ITEMS, np.int64)
    used = 0
    for row in range(len(indptr) - 1):
        start, stop = indptr[row], indptr[row + 1]
        first, pack, phrase = used, np.nan, False
        last_end, last_factor = -1, 0.0
        k = start
        while k < stop:
            word = ids[k]
            part = role[word]
            after = role[ids[k + 1]] if k + 1 < stop else 0
            if part == _JOINED or (part == _SEVERAL and after == _PACK):
                if np.isnan(pack):
                    pack, phrase = count[word], True
                k += 1 if part == _JOINED else 2
                continue
            if part in (_PACK, _BOX, _BY, _TIMES):
                # "pack of 6", or a count that ends the text: "pack 6", "330 ml cans x 6".
                at = k + 1 if part != _TIMES else k
                of = part in (_PACK, _BOX) and after == _OF
                if of:
                    at += 1
                stated = np.nan
                if part == _TIMES:
                    stated = count[word]
                elif at < stop and factors[ids[at]] == 1 and own_dimension[ids[at]] < 0:
                    stated = number[ids[at]]
                end = at + 1
                counted = end < stop and unit_dimension[ids[end]] == _COUNT
                free = (
                    end == stop
                    or counted
                    or (
                        of
                        and unit_dimension[ids[end]] < 0
                        and not (
                            _BY <= role[ids[end]] <= _BY or _SQUARE <= role[ids[end]] <= _CUBIC
                        )
                    )
                )
                if (
                    1 <= stated <= _LARGEST_PACK
                    and free
                    and (of or end == stop)
                    and (part != _BY or k > start)
                ):
                    if np.isnan(pack):
                        pack, phrase = stated, True
                    k = end + 1 if counted else end
                    continue
            if factors[word] == 0:
                k += 1
                continue
            # The items of a product.
            m, at = 0, k
            while True:
                word = ids[at]
                begin[m], value[m], size[m] = at, number[word] * lead[word], factors[word]
                own, unit = int(own_dimension[word]), own_factor[word]
                at += 1
                if at < stop and (own < 0 or own == _PIXELS):
                    following = ids[at]
                    power = role[following] - _SQUARE + 2
                    if (
                        (power == 2 or power == 3)
                        and at + 1 < stop
                        and unit_dimension[ids[at + 1]] == _LENGTH
                    ):
                        unit = unit_factor[ids[at + 1]] ** power
                        own = _AREA
                        if power == 3:
                            own, unit = _VOLUME, unit / 1e3
                        at += 2
                    elif unit_dimension[following] >= 0:
                        own, unit = int(unit_dimension[following]), unit_factor[following]
                        at += 1
                        if own == _DATA and at < stop and role[ids[at]] == _SECOND:
                            own = _SPEED
                            at += 1
                        elif own == _MASS and at < stop and unit_dimension[ids[at]] == _AREA:
                            own, unit = _YARN, 1.0
                            at += 1
                kind[m], factor[m] = own, unit
                m += 1
                if m == _MOST_ITEMS or at >= stop:
                    break
                if role[ids[at]] == _BY and at + 1 < stop and factors[ids[at + 1]] > 0:
                    at += 1
                elif own == _RATIO and factors[ids[at]] > 0:  # "6x 330 ml"
                    kind[m - 1] = -1
                else:
                    if role[ids[at]] == _TIMES and own >= 0:  # "330 ml x6"
                        begin[m], value[m], size[m] = at, count[ids[at]], 1
                        kind[m], factor[m] = -1, np.nan
                        m += 1
                        at += 1
                    break
            main = -1
            for i in range(m):
                if kind[i] >= 0 and kind[i] != _COUNT:
                    main = i
                    break
            if main >= 0:
                for i in range(main + 1, m):  # another amount begins another quantity
                    same = kind[i] == kind[main] and kind[main] == _LENGTH
                    if kind[i] >= 0 and kind[i] != _COUNT and not same:
                        m, at = i, begin[i]
                        break
            total, items, found, unit, box = 1.0, np.nan, -1, np.nan, False
            if main >= 0 and kind[main] == _LENGTH:
                sides = 0
                for i in range(m):
                    if kind[i] == _COUNT:
                        items = value[i] if np.isnan(items) else items * value[i]
                        continue
                    unit = factor[i]
                    for j in range(i + 1, m):
                        if np.isnan(unit) and kind[j] == _LENGTH:
                            unit = factor[j]
                    for j in range(i - 1, -1, -1):
                        if np.isnan(unit) and kind[j] == _LENGTH:
                            unit = factor[j]
                    total *= value[i] * unit ** size[i]
                    sides += size[i]
                if sides == 1:
                    found = _LENGTH
                elif sides == 2:
                    found = _AREA
                elif sides == 3:
                    found, box = _VOLUME, True
                    total /= 1e3
            elif main >= 0:
                found, unit = kind[main], factor[main]
                for i in range(m):
                    total *= value[i]
                if found != _PIXELS and (m > 1 or size[main] > 1) and value[main] > 0:
                    items = total / number[ids[begin[main]]]
                total *= unit
            else:
                shared = True
                for i in range(m):
                    total *= value[i]
                    if kind[i] == _COUNT:
                        found = _COUNT
                    shared &= value[i] >= 120
                if found < 0 and m == 2 and shared and size[0] == size[1] == 1:
                    found = _PIXELS
                elif found < 0 and m == 1 and k == start and at < stop and role[ids[at]] == _BY:
                    if np.isnan(pack) and size[0] == 1:  # "6 x bottles"
                        pack, phrase = value[0], True
                    at += 1
            if found == _COUNT:
                whole = role[ids[at - 1]] == _PART
                while at < stop and unit_dimension[ids[at]] == _COUNT:  # "6er Pack"
                    whole |= role[ids[at]] == _PART
                    at += 1
                items = total
                if np.isnan(pack) and not whole and 1 <= total <= _LARGEST_PACK:
                    pack = total
            if found >= 0 and 0 < total < np.inf:
                times = last_factor / unit
                if (
                    m == 1
                    and k == last_end
                    and found == dimension[used - 1]
                    and total < last_factor
                    and abs(times - round(times)) < 1e-6
                ):
                    amount[used - 1] += total
                else:
                    amount[used], dimension[used] = total, found
                    packs[used] = -1.0 if box and np.isnan(items) else items
                    used += 1
                last_end, last_factor = at, unit
            k = at
        counts = False
        for q in range(first, used):
            counts |= dimension[q] == _COUNT
            box = packs[q] < 0
            if box or np.isnan(packs[q]):
                packs[q] = pack
                if pack > 0 and not box and (dimension[q] == _MASS or dimension[q] == _VOLUME):
                    amount[q] *= pack
        if phrase and not counts:
            amount[used], dimension[used], packs[used] = pack, _COUNT, pack
            used += 1
        out_indptr[row + 1] = used
    return used
