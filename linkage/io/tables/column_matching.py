"""Columns of two tables that hold the same under different names, found by their contents.

Instance-based schema matching (Bilke and Naumann, Schema Matching Using Duplicates, ICDE 2005):
rows of the two tables that share most words, wherever these stand, are taken for likely matches;
two columns hold the same where their cells agree in likely matches far better than in rows paired
at random. Columns that merely look alike, such as width and height, do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from features.kinds import Kind, infer_kind
from features.text.sets import rarity, sparse_sets
from features.text.tokens import build_vocabulary, row_words, tokenise
from features.values.dates import parse_dates
from features.values.identifiers import parse_identifiers
from features.values.numbers import parse_numbers
from linkage.io.row_order import canonical_order

__all__ = ["ColumnMatch", "match_by_content"]

#: Rows of each table that are looked at, and likely matches among them; more would change the
#: means by less than they differ.
_ROWS, _PAIRS = 20_000, 500
#: Words of more rows than this say little of a row, and take most of the time.
_COMMON_WORD = 200
#: Random pairs of rows for each likely match.
_SHIFTS = 5
#: How much better than at random cells agree, at least, beyond sampling error. Names in two
#: languages that have half of their words in common do by 0.25.
_LIFT = 0.2
#: How many times as many words, and as many different cells for its rows, one column may have as
#: the other: a title has the words of its brand, and a description those of its title.
_RATIO = 3.0
#: Prices of one product in two shops seldom differ by more.
_PRICE_RATIO = 0.8
#: Kinds whose cells are compared alike; images are not.
_FAMILIES = {
    Kind.TEXT: "words",
    Kind.NAME: "words",
    Kind.CATEGORY: "words",
    Kind.QUANTITY: "words",
    Kind.IDENTIFIER: "identifier",
    Kind.NUMBER: "number",
    Kind.PRICE: "number",
    Kind.DATE: "date",
}


@dataclass(frozen=True)
class ColumnMatch:
    """Two columns that hold the same, and the lift of their agreement over chance, 0 to 1."""

    left: str
    right: str
    lift: float


def match_by_content(
    left: pa.Table,
    right: pa.Table,
    left_columns: Sequence[str],
    right_columns: Sequence[str],
    shared: Sequence[str] = (),
    *,
    id_column: str,
) -> list[ColumnMatch]:
    """Return pairs of columns that hold the same, best first; no column is in two of them.

    Args:
        left, right: Strings, null where missing.
        left_columns: Columns of the left table to find partners for.
        right_columns: Columns of the right table to find them among.
        shared: Columns of both tables, whose words tell likely matches too.
        id_column: The column of ids, by which rows are ordered and sampled.

    """
    if not left_columns or not right_columns:
        return []
    tables = [
        table.take(pa.array(canonical_order(table.column(id_column).combine_chunks())[0][:_ROWS]))
        for table in (left, right)
    ]
    kinds = [
        {name: infer_kind(name, table.column(name)) for name in [*names, *shared]}
        for table, names in zip(tables, (left_columns, right_columns), strict=True)
    ]
    candidates = [
        (one, other)
        for one in left_columns
        for other in right_columns
        if _FAMILIES.get(kinds[0][one], "left") == _FAMILIES.get(kinds[1][other], "right")
        and _similar_cells(tables[0].column(one), tables[1].column(other))
    ]
    if not candidates:
        return []
    rows = _likely_matches([_texts(*both) for both in zip(tables, kinds, strict=True)])
    found = []
    for one, other in candidates:
        both = {kinds[0][one], kinds[1][other]}
        columns = tables[0].column(one), tables[1].column(other)
        lift, error = _lift(both, columns, rows)
        if lift - 2 * error >= _LIFT:
            found.append(ColumnMatch(one, other, lift))
    chosen: list[ColumnMatch] = []
    for match in sorted(found, key=lambda match: -match.lift):
        if all(match.left != one.left and match.right != one.right for one in chosen):
            chosen.append(match)
    return chosen


def _similar_cells(left: pa.ChunkedArray, right: pa.ChunkedArray) -> bool:
    """Return whether cells of two columns are about as long, and about as many of them differ."""
    sizes = []
    for column in (left, right):
        words, cells = row_words(column)
        known = cells[words > 0]
        if not len(known):
            return False
        sizes.append((words.sum() / len(known), len(np.unique(known)) / len(known)))
    ratios = np.array(sizes[0]) / np.array(sizes[1])
    return bool(np.all((ratios <= _RATIO) & (ratios >= 1 / _RATIO)))


def _texts(table: pa.Table, kinds: dict[str, Kind]) -> pa.Array:
    """Return the words of each row; digits of a number or date are in too many cells by chance."""
    names = [name for name, kind in kinds.items() if _FAMILIES.get(kind) in ("words", "identifier")]
    if not names:
        return pa.nulls(table.num_rows, pa.large_string())
    columns = [table.column(name).cast(pa.large_string()).combine_chunks() for name in names]
    blank = pa.scalar(" ", pa.large_string())
    return pc.binary_join_element_wise(*columns, blank, null_handling="skip")


def _likely_matches(texts: list[pa.Array]) -> tuple[np.ndarray, np.ndarray]:
    """Return rows of the left and of the right table whose texts are most alike, best first."""
    from sparse_dot_topn import sp_matmul_topn

    tokens = tokenise(pa.chunked_array(texts))
    vocabulary, (words,) = build_vocabulary([tokens])
    of_rows = np.bincount(words, minlength=len(vocabulary))
    weights = np.where(of_rows <= _COMMON_WORD, rarity(of_rows, tokens.n), 0)
    sets = sparse_sets(tokens.indptr, words, len(vocabulary), lambda ids: weights[ids])
    matrix = sparse.csr_matrix(sets.matrix())
    matrix.eliminate_zeros()
    n_left = len(texts[0])
    nearest = sp_matmul_topn(matrix[:n_left], matrix[n_left:].T.tocsr(), top_n=1).tocoo()
    order = np.lexsort((nearest.row, -nearest.data))
    left, right = nearest.row[order], nearest.col[order]
    # Of left rows with the same nearest right row, the one most like it.
    first = np.sort(np.unique(right, return_index=True)[1])[:_PAIRS]
    return left[first], right[first]


def _lift(
    kinds: set[Kind],
    columns: tuple[pa.ChunkedArray, pa.ChunkedArray],
    rows: tuple[np.ndarray, np.ndarray],
) -> tuple[float, float]:
    """Return how much better cells agree in likely matches than at random, and the error of that.

    Args:
        kinds: kinds of the two columns.
        columns: the left and the right one.
        rows: of likely matches, k of each table.
    """
    a, b = rows
    agreement = _agreement(kinds, columns, a, b)
    agreement = agreement[~np.isnan(agreement)]
    shifts = range(1, min(_SHIFTS + 1, len(b)))
    if not len(agreement) or not shifts:
        return 0.0, 0.0
    others = np.concatenate([np.roll(b, shift) for shift in shifts])
    chance = _agreement(kinds, columns, np.tile(a, len(shifts)), others)
    lift = agreement.mean() - np.nanmean(chance) if np.isfinite(chance).any() else 0.0
    # Few pairs may all agree by chance: as if one more had been as far off as can be.
    variance = agreement.var() + 1 / len(agreement)
    return float(lift), float(np.sqrt(variance / len(agreement)))


def _agreement(
    kinds: set[Kind],
    columns: tuple[pa.ChunkedArray, pa.ChunkedArray],
    a: np.ndarray,
    b: np.ndarray,
) -> np.ndarray:
    """Return how far the cells of pairs of rows agree, 0 to 1; NaN where one is missing."""
    cells = [
        column.combine_chunks().take(pa.array(rows))
        for column, rows in zip(columns, (a, b), strict=True)
    ]
    family = _FAMILIES[min(kinds)]
    if family == "words":
        texts = [tokenise(cell).clean_strings().to_pylist() for cell in cells]
        words = [[set(text.split()) if text else set() for text in column] for column in texts]
        return np.array([_dice(one, other) for one, other in zip(*words, strict=True)])
    if family == "identifier":
        code = parse_identifiers(pa.concat_arrays(cells)).code.astype(float)
        one, other = np.split(np.where(code < 0, np.nan, code), 2)
    else:
        one, other = map(parse_dates if family == "date" else parse_numbers, cells)
    if Kind.PRICE in kinds:
        equal = np.minimum(one, other) >= _PRICE_RATIO * np.maximum(one, other)
    else:
        equal = one == other
    return np.where(np.isnan(one) | np.isnan(other), np.nan, equal)


def _dice(one: set[str], other: set[str]) -> float:
    """Return the Dice coefficient of two sets of words."""
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else np.nan
