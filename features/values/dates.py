"""Parsing dates out of text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from features.values.numbers import Strings, each_distinct

__all__ = ["day_first", "parse_dates"]

_LONGEST = 40
_FIRST_YEAR, _LAST_YEAR = 1000, 2999
_EPOCH = date(1970, 1, 1).toordinal()
_TIME = r"(?:(?:[T ]+|,\s*)\d{1,2}:\d{2}.*)?"
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})" + _TIME)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?\d{4,6}Z?)?")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.] ?)(\d{1,2})\2(\d{4}|\d{2})" + _TIME)
_YEAR_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})")
_MONTH_YEAR = re.compile(r"(\d{1,2})[-/.](\d{4})")
_YEAR = re.compile(r"(\d{4})")
_WORD = re.compile(r"[^\W\d_]+")
_NUMERAL = re.compile(r"\d+")
_ASIAN = re.compile(r"(\d{4}) ?[年년] ?(\d{1,2}) ?[月월](?: ?(\d{1,2}) ?[日일])?")
# First letters of month names: English, German, French, Spanish, Italian, Portuguese, Dutch.
_MONTH_NAMES = (
    "jan jän ene gen",
    "feb fév fev",
    "mar mär mrt maa",
    "apr avr abr",
    "may mai mag mei",
    "jun jui giu",
    "jul lug",
    "aug aoû aou ago",
    "sep set",
    "oct okt out ott",
    "nov",
    "dec dez déc dic",
)
_MONTHS = {name: i + 1 for i, row in enumerate(_MONTH_NAMES) for name in row.split()}
_DATE_WORDS = frozenset(
    "th st nd rd of de del di do da den der the am le el il mon tue tues wed thu thur "
    "thurs fri sat sun monday tuesday wednesday thursday friday saturday sunday um at "
    "uhr h".split()
)


def parse_dates(values: Strings) -> npt.NDArray[np.float64]:
    """Read dates, of days, months or years.

    Understands ISO 8601, ``yyyymmdd``, day or month first, month names, month and year, a year
    alone.

    Whether ``03/04/2020`` is in March or in April is decided for the column: see `day_first`. A
    month without a day counts as its 15th, a year without a month as its 1st of July. Times of day
    are left out.

    Args:
        values: string array, null = missing.

    Returns:
        float64[n], days since 1970-01-01, NaN where unknown or no date of the calendar (31
        February).

    Example:
        >>> parse_dates(pa.array(["1970-01-02", "2 Jan 1970", "19700102", None])).tolist()
        [1.0, 1.0, 1.0, nan]
    """
    first = day_first(values)
    return each_distinct(values, lambda cell: _parse_one(cell, first))


def day_first(values: Strings) -> bool:
    """Say whether a column writes the day before the month (``31/12/2020``).

    Counts the values that are dates in one reading only. A tie means day first, as most of the
    world does.
    """
    # Enough to count first or second numbers above twelve; what is no date at all is rare here.
    year = r"[-/.] ?(?:[0-9]{4}|[0-9]{2})(?:[^0-9].*)?$"
    day = r"^(?:1[3-9]|2[0-9]|3[01])[-/.] ?(?:0?[1-9]|1[0-2])" + year
    month = r"^(?:0?[1-9]|1[0-2])[-/.] ?(?:1[3-9]|2[0-9]|3[01])" + year
    return _count(values, day) >= _count(values, month)


def _count(values: Strings, pattern: str) -> int:
    if not len(values) or pa.types.is_null(values.type):
        return 0
    return int(pc.sum(pc.match_substring_regex(values, pattern)).as_py() or 0)


def _days(year: int, month: int, day: int) -> float:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return np.nan
    try:
        return float(date(year, month, day).toordinal() - _EPOCH)
    except ValueError:
        return np.nan


def _full_year(text: str) -> int:
    year = int(text)
    if len(text) > 2:
        return year
    return year + (2000 if year < 50 else 1900)


def _parse_one(cell: str, first: bool) -> float:
    text = unicodedata.normalize("NFKC", cell).strip(" .,;()[]'")
    if not 4 <= len(text) <= _LONGEST:
        return np.nan
    for pattern, read in _FORMS:
        match = pattern.fullmatch(text)
        if match:
            return read(match, first)
    return _with_month_name(text)


def _with_month_name(text: str) -> float:
    text = re.sub(r"\d{1,2}:\d{2}.*$", "", text)
    months, others = [], 0
    for word in _WORD.findall(text.lower()):
        month = _month(word)
        if month:
            months.append(month)
        elif word not in _DATE_WORDS:
            others += 1
    numerals = _NUMERAL.findall(text)
    if len(months) != 1 or others or not 1 <= len(numerals) <= 2:
        return np.nan
    if len(numerals) == 1:
        return _days(int(numerals[0]), months[0], 15) if len(numerals[0]) == 4 else np.nan
    day, year = numerals if len(numerals[0]) <= 2 else numerals[::-1]
    if len(day) > 2 or len(year) not in (2, 4):
        return np.nan
    return _days(_full_year(year), months[0], int(day))


def _month(word: str) -> int | None:
    if word in _DATE_WORDS:
        return None
    if word.startswith(("juil", "jul")):
        return 7
    return _MONTHS.get(word[:3])


def _year_last(match: re.Match[str], first: bool) -> float:
    one, two, year = int(match[1]), int(match[3]), _full_year(match[4])
    day, month = (one, two) if first else (two, one)
    if month > 12 >= day:  # impossible in the column's order, possible in the other
        day, month = month, day
    return _days(year, month, day)


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], bool], float]], ...] = (
    (_YEAR_FIRST, lambda m, _: _days(int(m[1]), int(m[3]), int(m[4]))),
    (_COMPACT, lambda m, _: _days(int(m[1]), int(m[2]), int(m[3]))),
    (_YEAR_LAST, _year_last),
    (_YEAR_MONTH, lambda m, _: _days(int(m[1]), int(m[2]), 15)),
    (_MONTH_YEAR, lambda m, _: _days(int(m[2]), int(m[1]), 15)),
    (_YEAR, lambda m, _: _days(int(m[1]), 7, 1)),
    (_ASIAN, lambda m, _: _days(int(m[1]), int(m[2]), int(m[3] or 15))),
)
