"""Columns of other names are matched where their cells agree in rows that have most in common."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from linkage.io.reading import from_frame
from linkage.io.tables.column_matching import match_by_content

MAKERS = "Arbo Belta Corvin Dalmo Elvera Fenix Gorma Halden Ibera Jasper".split()
THINGS = "lamp table chair shelf mirror carpet basket vase clock stool".split()
LINES = "Oslo Malmo Turku Bergen Aarhus Visby Narvik Tampere Lund Moss".split()
COLOURS = "black white red green blue oak walnut grey".split()
MATERIALS = "steel oak glass walnut cotton black bamboo white".split()


def catalogs(rows: int = 60, seed: int = 0) -> tuple[pa.Table, pa.Table]:
    """Two shops' offers of the same products, two thirds of them in the right one."""
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(1000)[:rows]
    frame = pd.DataFrame(
        {
            "id": [f"L{k}" for k in range(rows)],
            "maker": [MAKERS[k // 100] for k in chosen],
            "title": [f"{LINES[k // 10 % 10]} {THINGS[k % 10]} {MAKERS[k // 100]}" for k in chosen],
            "gtin": [f"40012345{k:05d}" for k in chosen],
            "price": [f"{price:.2f}" for price in rng.lognormal(3.5, 0.6, rows)],
            "colour": rng.choice(COLOURS, rows),
            "material": rng.choice(MATERIALS, rows),
            "width": rng.integers(20, 90, rows).astype(str),
            "height": rng.integers(20, 90, rows).astype(str),
        }
    )
    other = frame.sample(2 * rows // 3, random_state=seed)
    other["id"] = [f"R{k}" for k in range(len(other))]
    other["title"] = [" ".join(title.split()[:2]) for title in other["title"]]
    other["price"] = [f"{1.08 * float(price):.2f}".replace(".", ",") for price in other["price"]]
    return from_frame(frame), from_frame(other)


def matched(left: list[str], right: list[str], shared: tuple[str, ...] = (), rows: int = 60):  # type: ignore[no-untyped-def]
    found = match_by_content(*catalogs(rows), left, right, shared, id_column="id")
    assert all(0 < match.lift <= 1 for match in found)
    return {match.left: match.right for match in found}


ALL = ["maker", "title", "gtin", "price", "colour", "material", "width", "height"]


@pytest.mark.parametrize("rows", [60, 300])
def test_columns_find_their_own(rows: int) -> None:
    assert matched(ALL, ALL[::-1], rows=rows) == {name: name for name in ALL}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("width", "height"), ("colour", "material"), ("maker", "title"), ("title", "maker"),
        ("price", "width"), ("gtin", "price"), ("maker", "colour"),
    ],
)  # fmt: skip
def test_columns_that_look_alike_are_left_alone(one: str, other: str) -> None:
    """Whatever one table lacks, no other column takes its place."""
    shared = tuple(name for name in ALL if name not in (one, other))
    assert matched([one], [other], shared) == {}


def test_names_of_columns_do_not_matter() -> None:
    left, right = catalogs()
    right = right.rename_columns(["id", "c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7"])
    found = match_by_content(left, right, ALL, right.column_names[1:], id_column="id")
    assert {match.left: match.right for match in found} == {
        name: f"c{k}" for k, name in enumerate(ALL)
    }


def test_the_order_of_rows_does_not_matter() -> None:
    left, right = catalogs()
    backwards = pa.array(range(right.num_rows - 1, -1, -1))
    names = ALL, ALL
    assert match_by_content(left, right, *names, id_column="id") == match_by_content(
        left, right.take(backwards), *names, id_column="id"
    )


def test_a_few_rows_say_little() -> None:
    assert matched(["gtin"], ["gtin"], ("title",), rows=12) == {"gtin": "gtin"}
    assert matched(["colour"], ["material"], ("title",), rows=12) == {}
    assert matched(["gtin"], ["gtin"], rows=3) == {}


def test_nothing_in_common() -> None:
    left, right = catalogs()
    words = pa.array([f"word{k}" for k in range(right.num_rows)])
    other = pa.table({"id": right.column("id"), "Titel": words})
    assert match_by_content(left, other, ["title"], ["Titel"], id_column="id") == []
    assert match_by_content(left, other, ["title"], [], id_column="id") == []
