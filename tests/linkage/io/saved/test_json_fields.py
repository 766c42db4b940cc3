"""Checked values: what fits is given as it is, all else is refused by the name of its key."""

from __future__ import annotations

import math

import pytest

from linkage.io.saved.json_fields import FieldError, Fields, parse_json

GOOD = {
    "text": "é", "flag": False, "count": 3, "number": 0.5, "part": {"x": 1}, "nothing": None,
    "texts": ["a", ""], "counts": [0, 9], "numbers": [1, -2.5], "lists": [[1.0], []],
}  # fmt: skip
READ = {
    "text": lambda f, k: f.text(k),
    "flag": lambda f, k: f.flag(k),
    "count": lambda f, k: f.count(k, 0, 9),
    "number": lambda f, k: f.number(k, 0, 1),
    "part": lambda f, k: f.part(k).plain(),
    "texts": lambda f, k: f.texts(k),
    "counts": lambda f, k: f.counts(k, 0, 9),
    "numbers": lambda f, k: f.numbers(k, 2),
    "lists": lambda f, k: f.number_lists(k),
}
#: Values that no key above takes, whichever it is.
ODD = (None, math.nan, math.inf, -1e300, 10**400, -1, "\ud800", [None], [[["x"]]], [True], {"x"})


@pytest.mark.parametrize("key", READ)
def test_what_fits_is_given_and_all_else_is_refused_by_name(key: str) -> None:
    inside = Fields({"inside": GOOD}, "").part("inside")
    assert READ[key](inside, key) == GOOD[key]
    for value in ODD:
        with pytest.raises(FieldError, match=rf"^inside\.{key}"):
            READ[key](Fields({**GOOD, key: value}, "inside"), key)
    with pytest.raises(FieldError, match=rf"^inside\.{key}: it is missing"):
        READ[key](Fields({}, "inside"), key)


def test_null_is_none_where_a_part_may_be_missing() -> None:
    fields = Fields(GOOD)
    assert fields.part_or_none("nothing") is None
    assert fields.part_or_none("part") is not None


def test_elements_are_named() -> None:
    with pytest.raises(FieldError, match=r"^texts\[1\]: it must be a text, got 5"):
        Fields({"texts": ["a", 5]}).texts("texts")
    with pytest.raises(FieldError, match=r"^lists\[0\]\[1\]: it must be a number"):
        Fields({"lists": [[1, "x"]]}).number_lists("lists")


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"[" * 100_000, b"1" * 10_000, b"{'a': 1}"])
def test_what_is_no_json_is_refused(raw: bytes) -> None:
    with pytest.raises(FieldError, match="it is no JSON"):
        parse_json(raw)
