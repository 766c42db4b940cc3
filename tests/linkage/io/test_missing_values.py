"""Missing cells are those that Arrow's Unicode functions tell."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.io.missing_values import NULL_WORDS, missing_cells

CHARACTERS = " \t\n\r\v\f\x1c\x1f\x00\x7f\x85\xa0\u2003\u200b\u3000nNuUlLaA/\\<>#éKİßaxe"
CELLS = st.text(CHARACTERS) | st.sampled_from([*NULL_WORDS, *(w.upper() for w in NULL_WORDS)])


def told_by_arrow(values: pa.Array, words: tuple[str, ...]) -> list[bool]:
    lowered = pc.utf8_lower(pc.utf8_trim_whitespace(values))
    found: list[bool] = pc.is_in(lowered, value_set=pa.array(["", *words])).to_pylist()
    return found


@pytest.mark.parametrize("words", [NULL_WORDS, ()])
@given(cells=st.lists(st.tuples(st.text(CHARACTERS, max_size=2), CELLS)))
def test_missing_cells(words: tuple[str, ...], cells: list[tuple[str, str]]) -> None:
    values = pa.array([before + cell + before for before, cell in cells], pa.string())
    assert missing_cells(values, words).tolist() == told_by_arrow(values, words)


def test_every_character_alone_and_around_a_word() -> None:
    letters = [chr(code) for code in range(0x3100) if not 0xD800 <= code < 0xE000]
    values = pa.array([*letters, *(f"{one}None{one}" for one in letters)], pa.large_string())
    plain = values.cast(pa.string())
    assert missing_cells(values, NULL_WORDS).tolist() == told_by_arrow(plain, NULL_WORDS)
    part = plain[5:900]
    assert missing_cells(part, NULL_WORDS).tolist() == told_by_arrow(part, NULL_WORDS)
    assert np.sum(missing_cells(plain, NULL_WORDS)) > 40
