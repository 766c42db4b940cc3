"""One column of a catalog: values, lengths, numbers, use as a key, suspicions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.kinds import Kind
from features.values.dates import parse_dates
from features.values.numbers import parse_numbers
from linkage.io.profile import ColumnProfile
from linkage.report.data.text import shorten

__all__ = ["ColumnData", "Distribution", "KeyUse", "describe_column", "key_use"]

_TOP = 8
_BLOCKS = 5
_CHARACTERS = 80
_BINS = 24
#: Rows that share a value with no more rows than this on average may be compared by it.
_MOST_ROWS_A_KEY = 12.0
#: A key that joins fewer rows than this joins too few to be of use.
_FEWEST_JOINED = 0.01


@dataclass(frozen=True)
class Distribution:
    """How numbers are spread.

    Attributes:
        low, p5, median, p95, high: Quantiles.
        counts: Values in bins of equal width from ``start`` to ``end``; what lies beyond is in
            the outermost.
        start, end: Of the bins.
        logarithmic: Whether the bins are of equal width in the logarithm.
        known: Number of values counted.

    """

    low: float
    p5: float
    median: float
    p95: float
    high: float
    counts: list[int]
    start: float
    end: float
    logarithmic: bool
    known: int


@dataclass(frozen=True)
class KeyUse:
    """The blocks that result where rows with an equal value are compared.

    Attributes:
        share: Share of all rows that share their value with another row.
        pairs: Pairs of rows with an equal value.
        rows_a_value: Mean rows with its value over the rows that have one.
        largest: The most frequent values of more than one row, with their rows.
        likely: Whether the column could be a key.

    """

    share: float
    pairs: int
    rows_a_value: float
    largest: list[tuple[str, int]]
    likely: bool


@dataclass(frozen=True)
class ColumnData:
    """The content of one column.

    Attributes:
        name: Of the column.
        kind: As inferred; empty for the id column.
        why: The reason for the kind.
        filled: Rows that have a value.
        distinct: Different values.
        top: The most frequent values with their rows, shortened; some examples where every value
            is unique.
        lengths: Characters of the values.
        numbers: Their numbers, where they are numbers; years for dates.
        key: What it would be as a key.
        suspicions: What is odd about it, in sentences.

    """

    name: str
    kind: str
    why: str
    filled: int
    distinct: int
    top: list[tuple[str, int]]
    lengths: Distribution | None
    numbers: Distribution | None
    key: KeyUse
    suspicions: list[str]


def describe_column(
    profile: ColumnProfile, column: pa.ChunkedArray, suspicions: list[str]
) -> ColumnData:
    """Describe one column.

    Args:
        profile: Its kind and counts.
        column: Its strings, null = missing.
        suspicions: What is odd about it.

    """
    present = column.drop_null()
    counts = pc.value_counts(present)
    values, rows = counts.field("values"), counts.field("counts").to_numpy(zero_copy_only=False)
    lengths = pc.utf8_length(present).to_numpy().astype(float)
    return ColumnData(
        name=profile.name,
        kind=profile.kind.value if profile.kind else "",
        why=profile.why,
        filled=profile.filled,
        distinct=profile.distinct,
        top=_most_frequent(values, rows, _TOP),
        lengths=_distribution(lengths),
        numbers=_distribution(_numbers(profile.kind, present)),
        key=key_use(profile, values, rows),
        suspicions=suspicions,
    )


def key_use(profile: ColumnProfile, values: pa.Array, rows: np.ndarray) -> KeyUse:
    """Return the blocks that result where rows with an equal value are compared.

    Args:
        profile: Of the column.
        values: Its distinct values.
        rows: Rows of each.

    """
    rows = rows.astype(np.int64)
    shared = rows > 1
    joined = int(rows[shared].sum())
    share = joined / max(profile.rows, 1)
    rows_a_value = float((rows**2).sum() / max(rows.sum(), 1))
    usable = profile.kind in (Kind.IDENTIFIER, Kind.TEXT, Kind.NAME, Kind.IMAGE)
    return KeyUse(
        share=share,
        pairs=int((rows * (rows - 1) // 2).sum()),
        rows_a_value=rows_a_value,
        largest=[item for item in _most_frequent(values, rows, _BLOCKS) if item[1] > 1],
        likely=usable and share >= _FEWEST_JOINED and rows_a_value <= _MOST_ROWS_A_KEY,
    )


def _most_frequent(values: pa.Array, rows: np.ndarray, number: int) -> list[tuple[str, int]]:
    # By frequency and then value, so that the order of rows does not matter.
    ranked = pc.select_k_unstable(
        pa.table({"value": values, "rows": pa.array(rows)}),
        k=number,
        sort_keys=[("rows", "descending"), ("value", "ascending")],
    ).to_pylist()
    return [
        (shorten(" ".join(values[k].as_py()[:1000].split()), _CHARACTERS), int(rows[k]))
        for k in ranked
    ]


def _numbers(kind: Kind | None, present: pa.ChunkedArray) -> np.ndarray:
    if kind in (Kind.NUMBER, Kind.PRICE):
        return np.asarray(parse_numbers(present.combine_chunks()))
    if kind == Kind.DATE:
        return np.asarray(1970 + parse_dates(present.combine_chunks()) / 365.2425)
    return np.zeros(0)


def _distribution(numbers: np.ndarray) -> Distribution | None:
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return None
    low, p5, median, p95, high = (float(q) for q in np.quantile(numbers, [0, 0.05, 0.5, 0.95, 1]))
    # Prices run over powers of ten; so do the lengths of descriptions.
    logarithmic = low > 0 and high > 50 * max(p5, 1e-9)
    scaled = np.log10(numbers) if logarithmic else numbers
    start, end = (float(q) for q in np.quantile(scaled, [0.005, 0.995]))
    if end <= start:
        start, end = float(scaled.min()), float(scaled.max())
    if end <= start:
        end = start + 1
    bins = _BINS
    if not logarithmic and np.array_equal(numbers, np.round(numbers)) and end - start < _BINS:
        # Whole numbers: one bin each, or some would stay empty.
        bins, start, end = round(end - start) + 1, start - 0.5, end + 0.5
    counts, _ = np.histogram(np.clip(scaled, start, end), bins=bins, range=(start, end))
    if logarithmic:
        start, end = 10**start, 10**end
    return Distribution(
        low, p5, median, p95, high, counts.tolist(), start, end, logarithmic, len(numbers)
    )
