"""Quantities in the words of texts, including packs (6 x 330 ml) and dimensions (170 x 120 cm)."""

from __future__ import annotations

import numpy as np
from numba import njit

from features.arrays.rows import row_starts
from features.text.sets import SparseSets, sparse_sets
from features.values.units import DIMENSION_CODE
from features.values.word_facts import WordFacts

__all__ = ["STEP", "quantity_sets"]

#: Room for the distinct amounts of one dimension in the numbering of quantity terms.
STEP = 1 << 24
_LENGTH, _AREA, _VOLUME, _MASS, _RATIO = (
    DIMENSION_CODE[name] for name in ("length", "area", "volume", "mass", "ratio")
)


def quantity_sets(
    indptr: np.ndarray, rows: np.ndarray, ids: np.ndarray, facts: WordFacts
) -> SparseSets:
    """Quantities of each record as sets of terms; ``term // STEP`` is the dimension.

    Args:
        indptr: start of each record's words.
        rows, ids: record and number of each word.
        facts: the facts that each word can be.
    """
    amount = facts.amount[ids]
    dimension = facts.dimension[ids].copy()
    if len(ids) > 1:
        followed = np.flatnonzero(
            (rows[:-1] == rows[1:])
            & ~np.isnan(facts.plain_number[ids[:-1]])
            & (facts.unit_dimension[ids[1:]] >= 0)
        )
        amount[followed] = facts.plain_number[ids[followed]] * facts.unit_factor[ids[followed + 1]]
        dimension[followed] = facts.unit_dimension[ids[followed + 1]]
        if len(ids) > 2:
            factor = np.full(len(ids), np.nan)
            real = followed[dimension[followed] != _RATIO]
            factor[real] = facts.unit_factor[ids[real + 1]]
            _multiplied(rows, ids, facts, amount, dimension, factor)
    known = (dimension >= 0) & (amount > 0)
    # Amounts within half a percent are the same: 16.9 oz is sold as 500 ml.
    level = np.zeros(len(amount), np.int64)
    level[known] = (
        np.clip(np.round(np.log(amount[known]) * 100), -STEP // 2, STEP // 2 - 1).astype(np.int64)
        + STEP // 2
    )
    term = dimension.astype(np.int64) * STEP + level
    return _kept_sets(indptr, rows, term, known, 127 * STEP)


def _multiplied(
    rows: np.ndarray,
    ids: np.ndarray,
    facts: WordFacts,
    amount: np.ndarray,
    dimension: np.ndarray,
    factor: np.ndarray,
) -> None:
    """Replaces the parts of packs, and of sizes joined by a sign, by their product, in place.

    ``6 x 330 ml`` is 1980 ml, ``500 g (pack of 4)`` 2 kg, ``170 x 120 cm`` an area.

    Args:
        rows, ids: row and word of each token.
        facts: facts of the words.
        amount, dimension: of the tokens; of a number before a unit the amount is at the number.
        factor: base units of the unit after a number, NaN otherwise.
    """
    plain = facts.plain_number[ids]
    by = np.flatnonzero((rows[:-2] == rows[2:]) & ~np.isnan(plain[:-2]) & facts.is_by[ids[1:-1]])
    packed = np.zeros(int(rows.max(initial=0)) + 1, bool)
    _multiply(by, rows, plain, amount, dimension, factor, packed)
    of = (rows[:-2] == rows[2:]) & facts.is_pack[ids[:-2]] & facts.is_of[ids[1:-1]]
    before = (rows[:-1] == rows[1:]) & facts.is_pack[ids[1:]]
    counts = np.concatenate([np.flatnonzero(of) + 2, np.flatnonzero(before)])
    counts = counts[~np.isnan(plain[counts])]
    pack = np.ones(len(packed))
    pack[rows[counts]] = plain[counts]
    pack[packed] = 1.0
    amount *= np.where(np.isin(dimension, (_MASS, _VOLUME)), pack[rows], 1.0)


def _kept_sets(
    indptr: np.ndarray, rows: np.ndarray, values: np.ndarray, keep: np.ndarray, terms: int
) -> SparseSets:
    """Sets of each record's values, of those that are kept."""
    counts = np.bincount(rows[keep], minlength=len(indptr) - 1)
    part = row_starts(counts)
    return sparse_sets(part, values[keep].astype(np.int32), terms)


@njit(nogil=True, cache=True)
def _multiply(by, rows, plain, amount, dimension, factor, packed):
    """Multiplies the numbers before and after signs, from right to left.

    Args:
        by: tokens before a sign.
        rows, plain, amount, dimension, factor: of the tokens.
        packed: set for rows with a number of items.
    """
    for at in by[::-1]:
        known = dimension[at + 2]
        if dimension[at] == _RATIO and not np.isnan(plain[at + 2]):
            dimension[at] = -1
        if known in (_MASS, _VOLUME) and np.isnan(factor[at]):
            amount[at + 2] *= plain[at]
            packed[rows[at]] = True
        elif known in (_LENGTH, _AREA) and not np.isnan(factor[at + 2]):
            unit = factor[at + 2]
            grown = amount[at + 2] * plain[at] * unit
            amount[at] = grown if known == _LENGTH else grown / 1e3
            dimension[at] = _AREA if known == _LENGTH else _VOLUME
            factor[at] = unit
            dimension[at + 2] = -1
