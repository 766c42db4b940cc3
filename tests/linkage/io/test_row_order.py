"""The canonical order: by a hash of the ids that pandas agrees on, however the rows came."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.io.row_order import canonical_order, row_hashes

IDS = st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, unique=True)


@given(IDS, st.randoms())
def test_order_does_not_depend_on_the_rows(ids: list[str], random: object) -> None:
    shuffled = list(ids)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (
        pa.array(rows, pa.string()).take(pa.array(canonical_order(pa.array(rows, pa.string()))[0]))
        for rows in (ids, shuffled)
    )
    assert one.equals(other)


@given(IDS)
def test_hashes_are_those_of_pandas(ids: list[str]) -> None:
    wanted = pd.util.hash_array(
        np.array(ids, dtype=object), hash_key="linkage-row-key0", categorize=False
    )
    padded = pa.array(["of another row", *ids], pa.string())
    assert np.array_equal(row_hashes(padded[1:]), wanted)


def test_ties_are_broken_by_id(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = pa.array(["b", "c", "a", "d"])
    assert not canonical_order(ids)[1]
    hashes = np.array([7, 2, 7, 7], np.uint64)
    monkeypatch.setattr("linkage.io.row_order.row_hashes", lambda _: hashes)
    order, tied = canonical_order(ids)
    assert tied
    assert order.tolist() == [1, 2, 0, 3]
