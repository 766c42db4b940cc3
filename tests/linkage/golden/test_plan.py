"""What becomes of columns without a word of the user's, and which belong together."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from features.kinds import Kind, infer_kind
from linkage.config.golden import GoldenConfig, golden_faults
from linkage.golden.attribute import Attribute, equal_codes
from linkage.golden.members import Members
from linkage.golden.ordering import Context, order_records
from linkage.golden.plan import make_plan
from linkage.golden.provenance import as_texts
from linkage.golden.together import recognised_groups


def attributes(**columns: list[str | None]) -> dict[str, Attribute]:
    found = {}
    for name, values in columns.items():
        array = pa.array(values, pa.string())
        found[name] = Attribute(name, infer_kind(name, array), array)
    return found


@pytest.mark.parametrize(
    ("columns", "groups"),
    [
        ({"size": ["330", "0.5"], "unit": ["ml", "l"]}, [["size", "unit"]]),
        (
            {"weight_value": ["1", "2"], "weight_unit": ["kg", "g"], "height": ["3", "4"]},
            [["weight_value", "weight_unit"]],
        ),
        (
            {"width": ["3", "4"], "height": ["5", "6"], "unit": ["cm", "mm"]},
            [["width", "height", "unit"]],
        ),
        ({"pack": ["6", "12"], "volume": ["330 ml", "0.5 l"]}, [["pack", "volume"]]),
        (
            {"pack_size": ["6", "1"], "content": ["330", "5"], "uom": ["ml", "l"]},
            [["pack_size", "content", "uom"]],
        ),
        ({"size": ["M", "XL"], "unit": ["ml", "l"]}, []),
        ({"size": ["M", "XL"], "pack": ["1", "3"]}, []),
        ({"weight": ["1 kg", "300 g"], "unit": ["ml", "l"]}, []),
        ({"unit_price": ["1.00", "2.00"], "size": ["330", "500"]}, []),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_columns_that_belong_together(
    columns: dict[str, list[str | None]], groups: list[list[str]]
) -> None:
    assert recognised_groups(attributes(**columns)) == groups


def test_rules_follow_from_kinds() -> None:
    kinds = {
        "title": Kind.TEXT,
        "details": Kind.TEXT,
        "brand": Kind.NAME,
        "sku": Kind.IDENTIFIER,
        "EAN": Kind.NUMBER,
        "price": Kind.PRICE,
        "photo": Kind.IMAGE,
        "changed": Kind.DATE,
    }
    some = {n: Attribute(n, kind, pa.array(["1", "2"])) for n, kind in kinds.items()}
    plan = make_plan(some, [], GoldenConfig(date="changed"), {}, looser=False)
    assert plan.rules == {
        "title": "most_frequent",
        "details": "longest",
        "brand": "most_frequent",
        "sku": "most_frequent",
        "EAN": "gtin",
        "price": "offers",
        "photo": "most_complete",
        "changed": "max",
    }


def test_equal_values_have_one_code() -> None:
    def codes(kind: Kind, *values: str | None) -> list[int]:
        return equal_codes(pa.array(values, pa.string()), kind).tolist()

    assert codes(Kind.CATEGORY, "Blk", "black", "navy")[:2] == [0, 0]
    one, same, other, text, none = codes(Kind.QUANTITY, "0.5 l", "500 ml", "1 l", "large", "N/A")
    assert one == same != other
    assert text not in (one, other, -1)
    assert none == -1
    assert codes(Kind.PRICE, "ask us", "12.50", "unknown")[2] == -1


def middle(*values: str) -> str:
    """The median of one cluster of records r0, r1, ..."""
    n = len(values)
    members = Members.of(pa.array(["c"] * n), pa.array([f"r{k}" for k in range(n)]))
    one = Attribute("weight", Kind.QUANTITY, pa.array(values))
    order = order_records(Context(members, np.zeros(n, np.int64)), "median", (one,), one.code)
    assert sorted(order.tolist()) == list(range(n))
    return values[order[0]]


def test_the_median_is_a_stated_value() -> None:
    assert middle("3 kg", "1 kg", "2000 g") == "2000 g"
    assert middle("1 kg", "4 kg", "3 kg", "2 kg") == "2 kg"
    assert middle("1 kg", "heavy", "9 kg", "2 kg") == "2 kg"
    assert middle("1 kg", "5 l", "2 kg") == "1 kg", "litres are no kilograms"


def test_lists_are_json_in_texts() -> None:
    lists = pa.array([["a", 'b "c"', "d\ne\\"], [], None], pa.list_(pa.string()))
    texts = as_texts(pa.table({"x": lists, "y": ["1", "2", "3"]}))
    assert texts.column("x").to_pylist() == ['["a", "b \\"c\\"", "d\\ne\\\\"]', None, None]


@pytest.mark.parametrize(
    ("section", "fault"),
    [
        (3, "golden must be a table"),
        ({"rule": {}}, "golden.rule is no known key"),
        ({"rules": {"title": "longst"}}, "did you mean 'longest'"),
        ({"rules": {"title": "newest"}}, "golden.rules.title = 'newest' needs golden.date"),
        ({"rules": {"title": "source"}}, "needs golden.sources"),
        ({"sources": ["a", "a"]}, "golden.sources must be a list of distinct sources"),
        ({"together": [["size"]]}, "golden.together must be lists of columns"),
        ({"date": ""}, "golden.date must be a column"),
        ({"rules": ["longest"]}, "golden.rules must be a table"),
    ],
)
def test_faults_of_the_section(section: object, fault: str) -> None:
    (found,) = golden_faults(section)
    assert fault in found
