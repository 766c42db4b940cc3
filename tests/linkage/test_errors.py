"""Errors say what happened and what to do."""

from __future__ import annotations

import pytest

from linkage import errors
from linkage.errors import ConfigError, LinkageError, nearest, nearest_hint, shorten


def test_an_error_shows_message_then_hint() -> None:
    assert str(LinkageError("It broke.", hint="Mend it.")) == "It broke.\n  Mend it."
    assert str(LinkageError("It broke.")) == "It broke."


@pytest.mark.parametrize("name", [name for name in errors.__all__ if name.endswith("Error")])
def test_every_error_has_the_one_root(name: str) -> None:
    assert issubclass(getattr(errors, name), LinkageError)


def test_a_configuration_error_lists_its_faults() -> None:
    error = ConfigError(["a is wrong.", "b is wrong."], where="shop.toml")
    assert str(error) == "shop.toml: 2 faults\n  - a is wrong.\n  - b is wrong."
    assert error.exit_code == 2
    assert str(ConfigError("a is wrong.", where="x")) == "x: a is wrong."


def test_nearest_is_forgiving_of_case_and_dashes() -> None:
    assert nearest("Product-Titel", ["price", "product_title"]) == ["product_title"]
    assert nearest("zzz", ["price", "title"]) == []


def test_hint_names_the_nearest_or_all() -> None:
    assert nearest_hint("titel", ["title", "price"]) == "Did you mean 'title'?"
    assert "one of 'title_a', 'title_b'" in nearest_hint("title_", ["title_a", "title_b"])
    assert nearest_hint("zzz", ["title"], "columns") == "The columns are: title."
    assert nearest_hint("zzz", []) == "There are no names."


def test_long_values_are_cut() -> None:
    assert shorten("ab") == "'ab'"
    assert shorten("x" * 1_000_000, 10) == "'xxxxxxxxxx'... (1,000,000 characters)"
    assert len(shorten(list(range(10_000)))) < 120
