"""What ``import linkage`` offers is there, says what it is, and is described for users."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

import linkage

PAGE = Path(__file__).parents[2] / "docs" / "python.md"
NAMES = [name for name in linkage.__all__ if name != "__version__"]


@pytest.mark.parametrize("name", NAMES)
def test_public_names_are_documented(name: str) -> None:
    one = getattr(linkage, name)
    assert one.__name__ == name
    text = inspect.getdoc(one) or f"{name}("
    assert not text.startswith(f"{name}("), "no docstring, or one that a dataclass was given"
    assert f"`{name}" in PAGE.read_text(encoding="utf-8")
    assert name in dir(linkage)


def test_the_page_names_nothing_else() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| `")]
    assert sorted(row.split("`")[1].split("(")[0] for row in rows) == sorted(NAMES)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Linkr'"):
        linkage.Linkr  # noqa: B018
