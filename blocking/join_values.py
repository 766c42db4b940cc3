"""Values that the rarity join compares and splits blocks by: colour, size, price and the like.

Their agreement is weighted as in the model of Fellegi and Sunter (1969).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from features.kinds import Kind
from features.prepare import PreparedRecords
from features.text.sets import SparseSets

__all__ = ["EQUAL", "MASK", "NEAR", "JoinValues", "join_values"]

#: When two values of a slot agree: if equal, if their bins are adjacent, if they share a bit.
EQUAL, NEAR, MASK = 0, 1, 2
#: Largest number of slots; eight are half a cache line a record.
_MOST = 8
#: Largest number of slots that blocks are split by.
_PARTING = 3
#: Price bins are a fifth of a logarithm wide, about 22 percent.
_BINS_A_LOGARITHM = 5.0
#: Lower bound of the probability of agreement by chance; values that are nearly unique split no
#: blocks.
_LEAST_CHANCE = 1e-4
_KINDS = (Kind.CATEGORY, Kind.QUANTITY, Kind.NAME, Kind.NUMBER, Kind.DATE)


@dataclass(frozen=True)
class JoinValues:
    """Values of every record, the most informative slots first.

    Attributes:
        slots: int32, shape (n, slots), 0 unknown.
        kinds: `EQUAL`, `NEAR` or `MASK` for each slot, int8.
        chance: probability that two records with known values agree by chance (u).
        agreeing: probability that a match with known values agrees (m).
        names: names of the slots.
        parting: number of first slots that blocks can be split by: their values are equal, or in
            adjacent bins, where they agree.
    """

    slots: np.ndarray
    kinds: np.ndarray
    chance: np.ndarray
    agreeing: np.ndarray
    names: list[str]
    parting: int


def join_values(records: PreparedRecords, left: np.ndarray, right: np.ndarray) -> JoinValues:
    """Chooses the slots by how much more often likely matches agree in them than other pairs.

    Args:
        records: prepared records.
        left, right: rows of pairs that are likely matches, to learn from.
    """
    found: list[tuple[str, int, np.ndarray, float]] = []
    for attribute in records.attributes.values():
        if attribute.identifiers is not None:
            values = attribute.identifiers.code + np.int32(1)
            found.append((attribute.name, EQUAL, values, _equal_chance(values)))
        elif attribute.kind in _KINDS:
            values = attribute.values + np.int32(1)
            found.append((attribute.name, EQUAL, values, _equal_chance(values)))
        elif attribute.kind == Kind.PRICE and attribute.number is not None:
            values = _bins(attribute.number)
            found.append((attribute.name, NEAR, values, _near_chance(values)))
    for name in ("colours", "sizes", "numbers", "quantities"):
        values = _masks(records.facts[name])
        found.append((name, MASK, values, _mask_chance(values)))
    slots = []
    for name, kind, values, chance in found:
        a, b = values[left], values[right]
        known = (a != 0) & (b != 0)
        # Smoothed by two agreeing and two other pairs, so that no probability is 0 or 1.
        agreed = float(np.sum(_agree(a[known], b[known], kind))) + 2
        agreeing = agreed / (float(np.sum(known)) + 4)
        chance = max(chance, _LEAST_CHANCE)
        if agreeing <= chance:
            continue
        told = agreeing * np.log(agreeing / chance)
        told += (1 - agreeing) * np.log((1 - agreeing) / (1 - chance))
        fill = float(np.mean(values != 0))
        slots.append((fill**2 * told, name, kind, values, chance, agreeing))
    slots.sort(key=lambda one: (-one[0], one[1]))
    parting = [one for one in slots if one[2] != MASK and one[5] > 0.5 and one[4] > _LEAST_CHANCE][
        :_PARTING
    ]
    chosen = (parting + [one for one in slots if all(one is not p for p in parting)])[:_MOST]
    return JoinValues(
        slots=np.column_stack([np.zeros((records.n, 0), np.int32), *(one[3] for one in chosen)]),
        kinds=np.array([one[2] for one in chosen], np.int8),
        chance=np.array([one[4] for one in chosen]),
        agreeing=np.array([one[5] for one in chosen]),
        names=[one[1] for one in chosen],
        parting=len(parting),
    )


def _agree(a: np.ndarray, b: np.ndarray, kind: int) -> np.ndarray:
    if kind == MASK:
        return (a & b) != 0
    return np.abs(a - b) <= (1 if kind == NEAR else 0)


def _equal_chance(values: np.ndarray) -> float:
    counts = np.bincount(values)[1:].astype(float)
    total = counts.sum()
    return float((counts**2).sum() / total**2) if total else 1.0


def _near_chance(values: np.ndarray) -> float:
    counts = np.bincount(values)[1:].astype(float)
    total = counts.sum()
    if not total:
        return 1.0
    return float(((counts**2).sum() + 2 * (counts[1:] * counts[:-1]).sum()) / total**2)


def _mask_chance(values: np.ndarray) -> float:
    known = values[values != 0]
    if len(known) < 2:
        return 1.0
    known = known[:: max(1, len(known) // 20_000)]
    return max(float(np.mean((known & np.roll(known, 1)) != 0)), 2 * _LEAST_CHANCE)


def _bins(numbers: np.ndarray) -> np.ndarray:
    out = np.zeros(len(numbers), np.int32)
    known = numbers > 0
    out[known] = np.clip(
        np.floor((np.log(numbers[known]) + 30) * _BINS_A_LOGARITHM), 1, 1 << 12
    ).astype(np.int32)
    return out


def _masks(sets: SparseSets) -> np.ndarray:
    out = np.zeros(sets.n, np.int32)
    _fill_masks(sets.indptr, sets.ids, out)
    return out


@njit(nogil=True, cache=True)
def _fill_masks(indptr, ids, out):
    for row in range(len(out)):
        mask = np.int64(0)
        for k in range(indptr[row], indptr[row + 1]):
            value = np.uint64(ids[k]) * np.uint64(0x9E3779B97F4A7C15)
            mask |= np.int64(1) << (np.int64(value >> np.uint64(59)) % 31)
        out[row] = mask
