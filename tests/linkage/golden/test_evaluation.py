"""The accuracy of golden records against true values."""

from __future__ import annotations

import pyarrow as pa
import pytest

from linkage.errors import LabelError
from linkage.golden.evaluation import evaluate_golden
from linkage.golden.golden import golden_records
from tests.helpers.golden_offers import golden_source

TRUTH = pa.table(
    {
        "id": ["d1", "c3", "c5", "d6"],
        "brand": ["norvik", "Bergamo", "Lumen", None],
        "gtin": ["4001234500010", "4001234500102", "4001234500300", "4001234500409"],
        "content": [None, "0.2", None, None],
        "unit": [None, "L", None, None],
        "tags": ["Summer|cotton", '["drink"]', None, "cup"],
        "price_min": ["18.5", "3.99", "40", "7"],
        "color": ["navy", None, "White", "Gray"],
        "remark": ["not ours", None, None, None],
    }
)


def test_cells_are_equal_whatever_their_spelling() -> None:
    golden = golden_records(golden_source(rules={"tags": "union"}), "exact")
    found = {one.attribute: one for one in evaluate_golden(golden, TRUTH, "truth")}
    counts = {name: (one.cells, one.covered, one.correct) for name, one in found.items()}
    assert counts == {
        "brand": (3, 3, 2),
        "gtin": (4, 3, 3),
        "content": (1, 1, 1),  # 0.2 l is 200 ml
        "unit": (1, 1, 1),
        "tags": (3, 2, 1),
        "price_min": (4, 4, 3),
        "color": (3, 3, 3),
    }
    assert found["gtin"].coverage == 3 / 4
    assert found["gtin"].accuracy == 1.0


def test_clusters_may_be_named() -> None:
    golden = golden_records(golden_source(), "exact")
    truth = pa.table({"cluster_id": ["a1"], "brand": ["Norwick"]})
    (one,) = evaluate_golden(golden, truth, "truth")
    assert (one.cells, one.covered, one.correct) == (1, 1, 0)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"brand": ["X"]}, "has no column 'id' or 'cluster_id'"),
        ({"id": ["zz"], "brand": ["X"]}, "1 values of column 'id' are none of the run: 'zz'"),
        ({"id": ["a1"], "maker": ["X"]}, "has no column of the golden records of 'exact'"),
    ],
)
def test_truths_that_do_not_fit_are_refused(columns: dict[str, list[str]], message: str) -> None:
    golden = golden_records(golden_source(), "exact")
    with pytest.raises(LabelError, match=message):
        evaluate_golden(golden, pa.table(columns), "truth.csv")
