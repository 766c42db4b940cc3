"""Numbered cells, against a dictionary."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from features.text.cells import number_cells

cells = st.lists(st.none() | st.sampled_from(["", "a", "b", "é", "a "]) | st.text(max_size=3))


@given(cells, st.integers(0, 3))
def test_cells_are_numbered_by_first_appearance(values: list[str | None], skipped: int) -> None:
    for kind in (pa.string(), pa.large_string()):
        found = number_cells(pa.array(values, kind)[skipped:])
        rest = values[skipped:]
        known = list(dict.fromkeys(value for value in rest if value is not None))
        assert found.code.tolist() == [-1 if v is None else known.index(v) for v in rest]
        assert found.first.tolist() == [rest.index(value) for value in known]
        assert found.counts.tolist() == [rest.count(value) for value in known]
        assert found.distinct().to_pylist() == known
        assert found.distinct(2).to_pylist() == known[:2]
