"""Kinds of candidate pairs of which no label is: named where they matter, and not by chance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from linkage.evaluation.label_coverage import uncovered_kinds
from linkage.io.reading import from_frame

SELLERS = 4


def catalog(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "seller": [f"shop {k % SELLERS}" for k in range(n)],
            "title": [f"thing {k}" for k in range(n)],
            "colour": rng.choice(["red", "blue", None], n),
        }
    )


def pairs(n: int, number: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    left = rng.integers(0, n - 1, number)
    return left, rng.integers(left + 1, n)


@pytest.mark.parametrize("seed", range(5))
def test_labels_drawn_from_the_candidates_cover_them(seed: int) -> None:
    table = from_frame(catalog(200, seed))
    labelled, candidates = pairs(200, 150, seed), pairs(200, 5000, seed + 100)
    assert uncovered_kinds(table, labelled, candidates) == []


def test_labels_across_sellers_do_not_cover_offers_of_one_seller() -> None:
    table = from_frame(catalog(200, 0))
    (left, right), candidates = pairs(200, 300, 1), pairs(200, 5000, 2)
    across = left % SELLERS != right % SELLERS
    (sentence,) = uncovered_kinds(table, (left[across], right[across]), candidates)
    assert "equal values of 'seller'" in sentence
    assert "Linker.suggest" in sentence
    few = np.flatnonzero(across)[:15]
    assert not uncovered_kinds(table, (left[few], right[few]), candidates), "may be by chance"


def test_labels_of_complete_records_do_not_cover_those_with_gaps() -> None:
    frame = catalog(300, 3)
    stated = frame["colour"].notna().to_numpy()
    (left, right), candidates = pairs(300, 900, 4), pairs(300, 5000, 5)
    kept = stated[left] & stated[right]
    (sentence,) = uncovered_kinds(from_frame(frame), (left[kept], right[kept]), candidates)
    assert "missing value of 'colour'" in sentence


def test_nothing_to_compare_is_no_fault() -> None:
    table, none = from_frame(catalog(10, 0)), np.zeros(0, int)
    assert uncovered_kinds(table, (none, none), pairs(10, 50, 0)) == []
    assert uncovered_kinds(table, pairs(10, 50, 0), (none, none)) == []
