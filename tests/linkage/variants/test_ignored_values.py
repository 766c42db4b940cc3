"""What records state of ignored attributes, against plain Python."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from features.text.cells import number_cells
from linkage.variants.ignored_values import canonical, combinations

stated = st.none() | st.sampled_from(["Red", "red", "RED", "Light Blue", "light-blue", "XL", "/"])
records = st.lists(
    st.tuples(stated, stated, st.none() | st.sampled_from("tu"), st.integers(0, 1)), max_size=8
)


def clean(value: str | None) -> str:
    return "" if value is None else value.lower().replace("-", " ").strip("/")


def case(value: str | None) -> int:
    if value is None:
        return -1
    last = value.split()[-1]
    return 0 if last.islower() else 1 if last.isupper() else 2 if last.istitle() else 3


@given(records)
def test_values_are_numbered_together_and_notations_by_themselves(
    rows: list[tuple[str | None, str | None, str | None, int]],
) -> None:
    columns = [number_cells(pa.array([row[k] for row in rows], pa.string())) for k in range(3)]
    sources = np.array([row[3] for row in rows], np.int64)
    found = combinations(columns[:2], sources, columns[2])
    values = [tuple(v for v in map(clean, row[:2]) if v) for row in rows]
    known = list(dict.fromkeys(v for v in values if v))
    assert found.code.tolist() == [known.index(v) if v else -1 for v in values]
    assert found.width == len(known)
    marks = [(case(row[0]), case(row[1])) for row in rows]
    assert found.notation.tolist() == [sorted(set(marks)).index(mark) for mark in marks]
    whole = [
        (row[2], row[3], v) for row, v in zip(rows, values, strict=True) if v and row[2] is not None
    ]
    expected = np.mean([whole.count(one) > 1 for one in whole]) if whole else 0.0
    assert found.repeated == expected


def test_nothing_is_stated_without_ignored_attributes() -> None:
    found = combinations([], np.zeros(2, np.int64), None)
    assert found.code.tolist() == [-1, -1]
    assert (found.width, found.repeated) == (0, 0.0)


def test_spellings_of_a_value_are_one() -> None:
    cells = number_cells(pa.array(["Navy", None, "2X-Large", "navy", "XXL", "royal blue"]))
    assert canonical(cells).tolist() == [0, -1, 1, 0, 1, 2]
    assert canonical(cells, coarse=True).tolist() == [0, -1, 1, 0, 1, 0]
