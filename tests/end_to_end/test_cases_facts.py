"""Whole runs on catalogs whose columns hold what looks like facts and is not."""

from __future__ import annotations

import random
from collections.abc import Callable

import pandas as pd
import pytest

from linkage.evaluation.metrics import evaluate_clusters
from linkage.io.reading import build_records, from_frame
from linkage.linker import Linker


def catalog(products: int = 70, seed: int = 3) -> pd.DataFrame:
    """Two or three offers of each product; a third of them without their trade number."""
    draw = random.Random(seed)
    words = [
        f"{a}{b}" for a in "ba lo ki tu ne ro sa".split() for b in "mar vel tin dor sax".split()
    ]
    rows = []
    for product in range(products):
        body = f"{400_123_400_000 + 17 * product}"
        total = sum(int(d) * (3 if k % 2 else 1) for k, d in enumerate(body))
        number = body + str(-total % 10)
        naming = draw.sample(words, 4)
        for _ in range(draw.choice([2, 3])):
            title = " ".join([*draw.sample(naming, 3), draw.choice(words)])
            rows.append((title, number if draw.random() < 0.65 else None, product))
    frame = pd.DataFrame(rows, columns=["title", "gtin", "product"])
    return frame.assign(id=[f"r{k}" for k in range(len(frame))], product=frame["product"].map(str))


def clusters(frame: pd.DataFrame) -> list[str]:
    return list(Linker().match(frame.drop(columns="product")).clusters.iloc[:, 1])


def f1(found: list[str], frame: pd.DataFrame) -> float:
    codes = [pd.factorize(pd.Series(one))[0] for one in (found, frame["product"])]
    return evaluate_clusters(*codes).pairwise.f1


@pytest.mark.parametrize("value", ["keine EAN", "1234567890123", "4000000000006", "s/n"])
def test_a_placeholder_is_as_an_empty_cell(value: str) -> None:
    frame = catalog()
    written = frame.assign(gtin=frame["gtin"].fillna(value))
    assert clusters(written) == clusters(frame)


@pytest.mark.parametrize("decorate", ["'{}".format, '="{}"'.format, "EAN: {}".format])
def test_a_decorated_number_is_as_a_plain_one(decorate: Callable[[str], str]) -> None:
    frame = catalog()
    written = frame.assign(gtin=frame["gtin"].map(decorate, na_action="ignore"))
    # Other cells may change the order of rows, and so ties; without numbers F1 is 0.
    assert f1(clusters(written), frame) > f1(clusters(frame), frame) - 0.05


def test_html_is_gone_before_anything_is_read() -> None:
    frame = pd.DataFrame(
        {
            "id": ["a", "b", "c"],
            "title": ["<b>Kettle</b> 1.7&nbsp;l", "Sofa < 2 m", None],
            "gtin": ["<p>4001234000008</p>", None, "&nbsp;"],
        }
    )
    table = build_records(from_frame(frame)).table
    found = {row["id"]: (row["title"], row["gtin"]) for row in table.to_pylist()}
    assert found["a"] == ("Kettle 1.7 l", "4001234000008")
    assert found["b"] == ("Sofa < 2 m", None)
    assert found["c"] == (None, None)
