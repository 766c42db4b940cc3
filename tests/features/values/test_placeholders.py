"""Values that many unlike rows share."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest

from features.values.placeholders import without_placeholders


def catalog(products: int, offers: int, seed: int = 0) -> tuple[list[str], list[str]]:
    """Numbers and titles of offers; those of a product share its number and most words."""
    draw = random.Random(seed)
    words = [f"word{k}" for k in range(400)]
    numbers, titles = [], []
    for product in range(products):
        naming = draw.sample(words, 5)
        for _ in range(offers):
            numbers.append(f"{4_000_000 + product}")
            titles.append(" ".join([*draw.sample(naming, 4), draw.choice(words), "new"]))
    return numbers, titles


def nulls(numbers: list[str | None], titles: list[str]) -> np.ndarray:
    found = without_placeholders(pa.array(numbers, pa.string()), [pa.array(titles)])
    return np.asarray(found.is_null().to_numpy(zero_copy_only=False))


@pytest.mark.parametrize("share", [0.05, 0.4, 1.0])
@pytest.mark.parametrize("value", ["keine EAN", "4006381333931"])
def test_a_value_of_unlike_rows_is_a_placeholder(share: float, value: str) -> None:
    numbers, titles = catalog(products=60, offers=3)
    rows = random.Random(1).sample(range(len(numbers)), round(share * len(numbers)))
    for row in rows:
        numbers[row] = value
    assert np.flatnonzero(nulls(list(numbers), titles)).tolist() == sorted(rows)


@pytest.mark.parametrize("offers", [5, 12, 80])
def test_numbers_of_many_sellers_stay(offers: int) -> None:
    numbers, titles = catalog(products=30, offers=offers)
    assert not nulls(list(numbers), titles).any()


def test_a_column_that_groups_rows_by_something_else_stays() -> None:
    _, titles = catalog(products=60, offers=3)
    assert not nulls([f"seller {k % 9}" for k in range(len(titles))], titles).any()


def test_rows_without_texts_say_nothing() -> None:
    assert not nulls(["x"] * 9, [""] * 9).any()
    assert without_placeholders(pa.array(["x"] * 9), []).null_count == 0
    assert nulls([None, *"abc"], list("abcd")).tolist() == [True, False, False, False]
