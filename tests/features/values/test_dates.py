"""Dates out of text."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.values.dates import day_first, parse_dates

DATES = st.dates(date(1000, 1, 1), date(2999, 12, 31))


def parse(*cells: str | None) -> list[str | None]:
    days = parse_dates(pa.array(cells, pa.string()))
    return [None if math.isnan(day) else str(np.datetime64(int(day), "D")) for day in days]


@pytest.mark.parametrize(
    "cell",
    [
        "2020-03-04", "2020/3/4", "20200304", "04/03/2020", "4.3.20", "4-3-2020", "4 March 2020",
        "Mar 4, 2020", "March 4th 2020", "4. März 2020", "4 mars 2020", "2020-03-04T12:00:00Z",
        "Wed, 4 Mar 2020 10:22", "2020年3月4日", "4 de marzo de 2020", "20200304T1200",
    ],
)  # fmt: skip
def test_forms(cell: str) -> None:
    assert parse(cell) == ["2020-03-04"]


def test_months_and_years_stand_in_their_middle() -> None:
    assert parse("March 2020", "2020-03", "3/2020", "2020", "(1996).") == [
        "2020-03-15", "2020-03-15", "2020-03-15", "2020-07-01", "1996-07-01",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "cell", ["2020-02-31", "20201304", "hello 2020", "12", "99999999", "may", "x" * 10**6, "0000"]
)
def test_what_is_no_date_is_unknown(cell: str) -> None:
    assert parse(cell) == [None]


def test_the_column_decides_whether_the_day_comes_first() -> None:
    assert parse("03/04/2020", "31/12/2020") == ["2020-04-03", "2020-12-31"]
    assert parse("03/04/2020", "12/31/2020") == ["2020-03-04", "2020-12-31"]
    assert day_first(pa.array(["03/04/2020"]))
    assert not day_first(pa.array(["12/25/2020", "01/30/2020", "25/01/2020"]))


def test_empty_and_null_columns() -> None:
    assert parse() == []
    assert parse(None, None) == [None, None]
    assert np.isnan(parse_dates(pa.nulls(2))).all()


@given(st.lists(DATES, min_size=1))
def test_written_dates_are_read_back(days: list[date]) -> None:
    expected = [day.isoformat() for day in days]
    assert parse(*expected) == expected
    assert parse(*(f"{day.year:04d}{day.month:02d}{day.day:02d}" for day in days)) == expected
    american = [f"{day.month}/{day.day}/{day.year}" for day in days] + ["12/31/2001"] * len(days)
    assert parse(*american)[: len(days)] == expected
    european = [f"{day.day}.{day.month}.{day.year}" for day in days] + ["31.12.2001"] * len(days)
    assert parse(*european)[: len(days)] == expected


@given(st.lists(st.text(max_size=45)))
def test_any_text_gives_a_day_or_none(cells: list[str]) -> None:
    assert not np.isinf(parse_dates(pa.array(cells, pa.string()))).any()
