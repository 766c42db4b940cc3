"""Numbers for distinct hashes, against a dictionary."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from features.arrays.numbering import Numbering, number_hashes, number_values

arrays = st.lists(st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 5), max_size=20), max_size=4)


@given(arrays)
def test_numbers_follow_first_appearance(pieces: list[list[int]]) -> None:
    numbering = Numbering()
    known: dict[int, int] = {}
    for piece in pieces:
        ids, first = numbering.add(np.array(piece, np.uint64))
        fresh = [
            k for k, value in enumerate(piece) if value not in known and value not in piece[:k]
        ]
        for value in piece:
            known.setdefault(value, len(known))
        assert ids.tolist() == [known[value] for value in piece]
        assert first.tolist() == fresh
    assert numbering.hashes().tolist() == list(known)
    assert numbering.count == len(known)
    wanted = np.array([*known, 12345], np.uint64)
    assert numbering.find(wanted).tolist() == [*range(len(known)), known.get(12345, -1)]


def test_the_table_grows_with_what_it_holds() -> None:
    hashes = np.random.default_rng(0).integers(0, 1 << 63, 50_000).astype(np.uint64)
    ids, first = number_hashes(np.concatenate([hashes, hashes]))
    assert ids.tolist() == [*range(50_000)] * 2
    assert first.tolist() == list(range(50_000))


@given(st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3), max_size=30))
def test_integers_are_numbered_by_first_appearance(values: list[int]) -> None:
    known: dict[int, int] = {}
    for value in values:
        known.setdefault(value, len(known))
    numbers, first = number_values(np.array(values, np.int64))
    assert numbers.tolist() == [known[value] for value in values]
    assert first.tolist() == [values.index(value) for value in known]
