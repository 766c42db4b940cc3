"""The profile of a catalog in depth: what is odd about its columns, its keys, its numbers."""

from __future__ import annotations

import json

import pandas as pd
import pyarrow as pa
import pytest

from linkage.io.missing_values import blank_to_null
from linkage.io.output import plain_json
from linkage.io.string_columns import to_string_table
from linkage.report.data.column_data import ColumnData
from linkage.report.data.profile_data import profile_data
from linkage.report.page.profile_page import profile_page

ROWS = 200
WORDS = "amber birch coral delta ember frost grove heath inlet jade kelp lunar maple north".split()


def table_of(columns: dict[str, list[str | None]]) -> pa.Table:
    return blank_to_null(to_string_table(pd.DataFrame(columns), "test"))


def described(columns: dict[str, list[str | None]]) -> dict[str, ColumnData]:
    return {column.name: column for column in profile_data(table_of(columns)).columns}


def suspicion(name: str, cells: list[str | None]) -> str:
    return " ".join(
        described({"id": [f"{k:x}" for k in range(len(cells))], name: cells})[name].suspicions
    )


def gtin(number: int) -> str:
    digits = f"{number:012d}"
    total = sum(int(d) * (3 if k % 2 else 1) for k, d in enumerate(digits))
    return digits + str(-total % 10)


def titles() -> list[str]:
    return [f"{WORDS[k % 14]} {WORDS[k // 14 % 14]} {WORDS[k % 11]} shoe" for k in range(ROWS)]


def test_data_is_strict_json_and_makes_a_page() -> None:
    data = profile_data(table_of({"id": ["1", "2"], "title": ["a", None]}), "shop.csv")
    assert json.loads(json.dumps(plain_json(data), allow_nan=False))["rows"] == 2
    assert "Profile of shop.csv" in profile_page(data)


def test_a_catalog_without_faults_is_not_suspected() -> None:
    columns = described(
        {
            "id": [f"p{k * 7919 % 100_003}" for k in range(ROWS)],
            "title": titles(),  # type: ignore[dict-item]
            "price": [f"{k % 90}.50" for k in range(ROWS)],
            "gtin": [gtin(4_000_000_000 + 37 * k) for k in range(ROWS)],
        }
    )
    assert {name: column.suspicions for name, column in columns.items()} == {
        name: [] for name in columns
    }


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["same"] * 50, "Constant: every row has the same value"),
        (["same", None] * 25, "every row that has a value has the same one"),
        ([None] * 50, "Empty"),
        (["cafÃ© blue", *(f"plain {k}" for k in range(20))], "wrongly decoded characters"),
        (["<p>one</p>", *(f"plain {k}" for k in range(20))], "hold HTML, such as “<p>one</p>”"),
        (["unknown", *(f"plain {k}" for k in range(20))], "placeholders"),
    ],
)
def test_damaged_columns_are_suspected(cells: list[str | None], said: str) -> None:
    assert said in suspicion("note", cells)


def test_wrong_check_digits_are_counted() -> None:
    cells: list[str | None] = [gtin(4_000_000_000 + 37 * k) for k in range(100)]
    cells[7] = f"{str(cells[7])[:-1]}{(int(str(cells[7])[-1]) + 1) % 10}"
    assert suspicion("gtin", cells).startswith("1.0 % of 100 trade numbers have a wrong check")
    assert suspicion("code", [str(1_000_000_000_000 + 7 * k) for k in range(100)]) == "", (
        "numbers of that length that are no trade numbers"
    )


def test_an_id_that_leaks_the_entity_is_suspected() -> None:
    names = titles()
    leaking = described(
        {
            "id": [f"{k // 4:04d}-{'SMLX'[k % 4]}" for k in range(ROWS)],
            "title": [names[k // 4] + f" {k}" for k in range(ROWS)],
        }
    )
    (text,) = leaking["id"].suspicions
    assert "it leaks which rows belong together" in text
    assert "“0000-S” and “0000-M”" in text
    shuffled = described(
        {
            "id": [f"{k // 4:04d}-{'SMLX'[k % 4]}" for k in range(ROWS)],
            "title": [names[k * 37 % ROWS] for k in range(ROWS)],
        }
    )
    assert shuffled["id"].suspicions == [], "ids of one form say nothing by themselves"


def test_a_column_named_like_an_answer_is_suspected() -> None:
    groups: list[str | None] = [f"g{k // 3}" for k in range(ROWS)]
    assert "could be the answer" in suspicion("entity_id", groups)
    assert suspicion("product_group", [f"shoes{k % 4}" for k in range(ROWS)]) == ""


def test_a_repeated_column_is_suspected() -> None:
    names: list[str | None] = list(titles())
    columns = described({"id": [str(k) for k in range(ROWS)], "title": names, "name": names})
    assert columns["title"].suspicions == []
    assert columns["name"].suspicions == ["Says the same as column “title” in every row."]


def test_keys_and_their_largest_blocks() -> None:
    codes: list[str | None] = ["AB-1"] * 3 + [f"CD-{k}" for k in range(57)]
    columns = described(
        {"id": [f"{k:x}" for k in range(60)], "mpn": codes, "brand": ["x", "y"] * 30}
    )
    key = columns["mpn"].key
    assert (key.pairs, key.share, key.largest, key.likely) == (3, 0.05, [("AB-1", 3)], True)
    brand = columns["brand"].key
    assert (brand.pairs, brand.rows_a_value, brand.likely) == (2 * 435, 30.0, False)
    assert columns["id"].key.pairs == 0


def test_distributions_of_lengths_and_numbers() -> None:
    prices: list[str | None] = [f"${k}.00" for k in range(1, 101)]
    columns = described({"id": [str(k) for k in range(100)], "price": prices})
    numbers, lengths = columns["price"].numbers, columns["price"].lengths
    assert numbers is not None
    assert (numbers.low, numbers.high, numbers.known) == (1.0, 100.0, 100)
    assert sum(numbers.counts) == 100
    assert lengths is not None
    assert (lengths.low, lengths.high, lengths.counts) == (5.0, 7.0, [9, 90, 1])
    assert columns["id"].numbers is None


def test_the_order_of_rows_does_not_matter() -> None:
    columns = {"id": [str(k) for k in range(60)], "title": titles()[:60]}
    table = table_of(columns)  # type: ignore[arg-type]
    order = [k * 7 % 60 for k in range(60)]
    assert profile_data(table.take(pa.array(order))).columns[1] == profile_data(table).columns[1]
