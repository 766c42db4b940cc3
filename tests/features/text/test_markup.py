"""HTML out of texts."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.text.markup import without_markup

WORDS = st.lists(st.sampled_from("sofa 3 seater 1.7 l red < 5 cm R&D".split()), min_size=1)


def clean(*cells: str | None) -> list[str | None]:
    return list(without_markup(pa.array(cells, pa.string())).to_pylist())


@pytest.mark.parametrize("name", ["p", "SPAN", "h2", "li", "td"])
@pytest.mark.parametrize("attribute", ["", ' style="color:black;width:14px"', " title='a > b'"])
def test_tags_are_blanks(name: str, attribute: str) -> None:
    assert clean(f"Sofa <{name}{attribute}>3 seater</{name}> red") == ["Sofa 3 seater red"]
    assert clean(f"red<{name}{attribute}/>blue") == ["red blue"]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("1.7&nbsp;l", "1.7 l"), ("Monitor 27&quot;", 'Monitor 27"'), ("&#39;tis", "'tis"),
        ("caf&eacute; &#x41;", "café A"), ("A &amp; B", "A & B"), ("1&amp;nbsp;kg", "1 kg"),
        ("&lt;b&gt;x&lt;/b&gt; y", "x y"), ("cm<sup>3</sup>", "cm3"), ("<br>", None),
        ("<style>p{width:9px}</style>cup", "cup"), ("a<!-- 14 px -->b", "a b"),
        ('cup <p style="font-si', "cup"),
    ],
)  # fmt: skip
def test_markup(cell: str, text: str | None) -> None:
    assert clean(cell) == [text]


@pytest.mark.parametrize(
    "cell", ["width < 5 cm", "a < b > c", "x<5 and y>3", "<NEW> cup", "AT&T", "R&D; X", "  a\n b"]
)
def test_what_is_no_markup_stays(cell: str) -> None:
    assert clean(cell, None) == [cell, None]


@given(st.lists(WORDS, min_size=1))
def test_texts_without_markup_are_the_same(rows: list[list[str]]) -> None:
    cells = [" ".join(row) for row in rows]
    assert clean(*cells) == cells
    assert clean(*(f"<p>{cell}</p>" for cell in cells)) == cells
