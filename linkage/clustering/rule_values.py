"""Values of a column as rules compare them: normalised by kind, -1 where unknown."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.kinds import Kind, infer_kind
from features.records import Records
from features.text.tokens import tokenise
from features.values.dates import parse_dates
from features.values.identifiers import parse_identifiers
from features.values.numbers import parse_numbers
from features.values.quantities import DIMENSIONS, parse_quantities

__all__ = ["kind_of_column", "rule_values"]

#: Words that catalogs write for an unknown value, after cleaning.
_UNKNOWN_WORDS = (
    "", "unknown", "unspecified", "not specified", "none", "null", "nan", "na", "n a", "tbd",
    "not applicable", "does not apply", "unbekannt", "inconnu", "desconocido", "sconosciuto",
)  # fmt: skip

#: What is sold in inches or ounces, and in centimetres or grams: 6 ft 2 in is 188 cm and 16.9 fl oz
#: 500 ml, each within this share. Amounts without another system are equal in single precision.
_ROUNDING, _PRECISION = 5e-4, 1e-6
_CONVERTED = [DIMENSIONS.index(name) for name in ("mass", "volume", "length", "area")]


def rule_values(values: pa.Array, kind: Kind) -> npt.NDArray[np.int64]:
    """Return a number for each value, the same for all spellings of one.

    Identifiers are padded and lose punctuation, numbers and quantities are compared by amount (0.5
    l is 500 ml), dates by day, words without case and punctuation. What cannot be read as its kind,
    and words such as "unknown", are unknown: a rule never fires on them.

    Args:
        values: string array, null = missing.
        kind: what the column holds.

    Returns:
        int64, shape (n,), numbered by first appearance, -1 unknown.

    Example:
        >>> rule_values(pa.array(["0.5 l", "500 ml", "1 l", None]), Kind.QUANTITY)
        array([ 0,  0,  1, -1])
    """
    if kind == Kind.IDENTIFIER:
        return pd.factorize(_hidden(parse_identifiers(values).code))[0].astype(np.int64)
    if kind in (Kind.NUMBER, Kind.PRICE):
        return _of_amounts(parse_numbers(values))
    if kind == Kind.DATE:
        return _of_amounts(parse_dates(values))
    if kind == Kind.QUANTITY:
        found = parse_quantities(values)
        codes = _of_measures(found.amount, found.dimension)
        return pd.factorize(_hidden(codes))[0].astype(np.int64)
    if kind == Kind.IMAGE:
        texts = values
    else:
        texts = tokenise(values).clean_strings()
        unknown = pc.is_in(texts, value_set=pa.array(_UNKNOWN_WORDS, texts.type))
        texts = pc.if_else(unknown, None, texts)
    return pd.factorize(texts.to_pandas())[0].astype(np.int64)


def _of_amounts(amounts: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Return codes of amounts, equal in single precision: conversion of units is inexact."""
    return pd.factorize(amounts.astype(np.float32))[0].astype(np.int64)


def _of_measures(
    amounts: npt.NDArray[np.float64], dimensions: npt.NDArray[np.int8]
) -> npt.NDArray[np.int64]:
    """Return codes of amounts: equal but for rounding in another system of units, -1 unknown."""
    order = np.lexsort((amounts, dimensions))
    amount, dimension = amounts[order], dimensions[order]
    gap = np.where(np.isin(dimension[1:], _CONVERTED), _ROUNDING, _PRECISION)
    same = (dimension[1:] == dimension[:-1]) & (amount[1:] <= amount[:-1] * (1 + gap))
    codes = np.empty(len(order), np.int64)
    codes[order] = np.cumsum(np.append(True, ~same)[: len(order)])
    return np.where(dimensions < 0, -1, codes)


def _hidden(codes: npt.NDArray[np.integer]) -> npt.NDArray[np.float64]:
    return np.where(codes < 0, np.nan, codes.astype(np.float64))


def kind_of_column(records: Records, column: str, declared: Mapping[str, Kind]) -> Kind:
    """Return the kind of a column: declared, else as it is compared, else inferred.

    Args:
        records: the rows.
        column: one of their columns.
        declared: kinds that the user declares.
    """
    kind = declared.get(column) or records.kinds.get(column)
    return infer_kind(column, records.values(column)) if kind is None else kind
