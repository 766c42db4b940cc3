"""The shipped word lists."""

from __future__ import annotations

import pyarrow as pa
import pytest

from features.text.tokens import tokenise
from features.values.lexicon import COLOURS, EDITIONS, SIZE_MODIFIERS, SIZES


@pytest.mark.parametrize("lexicon", [COLOURS, EDITIONS, SIZES, SIZE_MODIFIERS])
def test_words_are_tokens(lexicon: dict[str, str]) -> None:
    # A word that the tokeniser would split or change could never be found.
    assert tokenise(pa.array(list(lexicon))).clean_strings().to_pylist() == list(lexicon)


@pytest.mark.parametrize("lexicon", [COLOURS, EDITIONS, SIZES])
def test_groups_go_by_their_first_word(lexicon: dict[str, str]) -> None:
    assert all(lexicon.get(group) in (group, None) for group in lexicon.values())


def test_spellings_of_one_colour_are_one_group() -> None:
    assert COLOURS["grey"] == COLOURS["gray"] == COLOURS["gry"]
    assert COLOURS["navy"] == COLOURS["blue"] != COLOURS["red"]


def test_editions_that_are_sold_apart_are_apart() -> None:
    assert EDITIONS["academic"] == EDITIONS["student"]
    assert len({EDITIONS[word] for word in ("upgrade", "student", "pro", "home", "mini")}) == 5


def test_spellings_of_one_size_are_one_size() -> None:
    assert SIZES["xxl"] == SIZES["2xl"] == "2xl"
    assert len({SIZES[word] for word in ("xs", "small", "medium", "large", "xl")}) == 5


def test_a_modifier_and_a_size_make_a_size() -> None:
    made = {prefix + size for prefix in SIZE_MODIFIERS.values() for size in "sl"}
    assert {"xs", "xl", "2xs", "2xl", "3xl"} <= made & set(SIZES.values())
