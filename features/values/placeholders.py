"""Values of an identifier column that identify nothing, such as "no EAN" or 1234567890123."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.arrays.rows import row_starts
from features.text.cells import number_cells
from features.text.sets import SparseSets, merge_rows, rarity, sparse_sets
from features.text.tokens import build_vocabulary, tokenise

__all__ = ["without_placeholders"]

#: Rows that must share a value before it is suspected: ten pairs, of which a median tells much.
_FEWEST_ROWS = 5
#: Values looked at, the most frequent first: placeholders are among them, and time is bounded.
_MOST_VALUES = 1000
#: Pairs of rows looked at for each value. If pairs are alike by chance, a median above the upper
#: quartile of random pairs comes of this many once in ten thousand values.
_PAIRS = 51
_RANDOM_PAIRS = 1000
#: Groups up to this size are compared pair by pair.
_SMALL_GROUP = 10


def without_placeholders(values: pa.Array, texts: Sequence[pa.Array]) -> pa.Array:
    """Turn values that many unlike rows share into nulls.

    Offers of one product share its number and much of their wording. A value is a placeholder if
    the median pair of rows that share it has texts no more alike than the upper quartile of random
    pairs (idf-weighted cosine of words). A column in which most values are like that groups rows by
    something else, such as the seller, and stays as it is.

    Args:
        values: an identifier column, null = missing.
        texts: the texts of the same rows.
    """
    cells = number_cells(values)
    shared = np.flatnonzero(cells.counts >= _FEWEST_ROWS)
    if not len(shared) or not texts:
        return values
    shared = shared[np.argsort(-cells.counts[shared], kind="stable")[:_MOST_VALUES]]
    by_value = np.argsort(cells.code, kind="stable")
    start = row_starts(cells.counts) + np.count_nonzero(cells.code < 0)
    groups = [_pairs_within(by_value[start[code] : start[code + 1]]) for code in shared]
    random = np.random.default_rng(0).integers(0, len(values), (2, _RANDOM_PAIRS))
    groups.append(random[:, random[0] != random[1]])
    cosine = np.split(_cosines(texts, *np.concatenate(groups, axis=1)), _ends(groups))
    typical = _quantile(cosine[-1], 0.75)
    found = shared[[_quantile(one, 0.5) <= typical for one in cosine[:-1]]]
    if len(found) > max(1, (len(cells.first) - len(found)) / 2):
        return values
    keep = ~np.isin(cells.code, found)
    return pc.if_else(pa.array(keep), values, pa.scalar(None, values.type))


def _ends(groups: Sequence[np.ndarray]) -> np.ndarray:
    return np.cumsum([one.shape[1] for one in groups])[:-1]


def _pairs_within(rows: np.ndarray) -> np.ndarray:
    """Some pairs of the rows of a group, int64, shape (2, pairs)."""
    if len(rows) <= _SMALL_GROUP:
        return rows[np.array(list(combinations(range(len(rows)), 2))).T]
    first = np.arange(min(_PAIRS, len(rows))) * len(rows) // min(_PAIRS, len(rows))
    # A third further on, since two linked tables may list their products in the same order.
    return rows[np.stack([first, (first + len(rows) // 3) % len(rows)])]


def _quantile(cosine: np.ndarray, share: float) -> float:
    known = cosine[~np.isnan(cosine)]
    return float(np.quantile(known, share)) if len(known) else np.nan


def _cosines(texts: Sequence[pa.Array], left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Cosine of the words of pairs of rows; NaN where a row has none."""
    rows, at = np.unique(np.concatenate([left, right]), return_inverse=True)
    words = _word_sets([column.take(pa.array(rows)) for column in texts])
    a, b = at[: len(left)], at[len(left) :]
    matrix = words.matrix()
    cosine = np.asarray(matrix[a].multiply(matrix[b]).sum(axis=1), np.float64)
    cosine[(words.counts[a] == 0) | (words.counts[b] == 0)] = np.nan
    return cosine


def _word_sets(texts: Sequence[pa.Array]) -> SparseSets:
    tables = [tokenise(column) for column in texts]
    vocabulary, words = build_vocabulary(tables)
    merged = merge_rows(list(zip((table.indptr for table in tables), words, strict=True)))
    size = max(len(vocabulary), 1)
    plain = sparse_sets(*merged, size)
    weight = rarity(np.bincount(plain.ids, minlength=size), plain.n)
    return sparse_sets(*merged, size, lambda ids: weight[ids])
