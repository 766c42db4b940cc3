"""Profiles say what columns hold, and become a configuration that is accepted."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from features.kinds import Kind
from linkage.config.authored import Config
from linkage.io.missing_values import blank_to_null
from linkage.io.profile import profile_table, suggest_toml
from linkage.io.string_columns import to_string_table

COLUMNS = {
    "sku": [f"A-{row:04d}" for row in range(40)],
    "title": [f"red running shoe for men number {row}" for row in range(40)],
    "price": [f"{row}.99" for row in range(40)],
    'odd "name"\n': ["x\ny", None] * 20,
    "empty": [None] * 40,
}


def profiles_of(columns: dict[str, list[str | None]], id_column: str | None = None):  # type: ignore[no-untyped-def]
    table = blank_to_null(to_string_table(pd.DataFrame(columns), "test"))
    return profile_table(table, id_column)


def test_profiles() -> None:
    sku, title, price, odd, empty = profiles_of(COLUMNS)
    assert (sku.kind, sku.why) == (None, "the id")
    assert (title.kind, title.distinct, title.fill_rate) == (Kind.TEXT, 40, 1.0)
    assert price.kind is Kind.PRICE
    assert price.why
    assert (odd.filled, odd.distinct, odd.fill_rate, odd.examples) == (20, 1, 0.5, ("x y",))
    assert (empty.filled, empty.examples) == (0, ())


def test_examples_are_the_frequent_values_whatever_the_order() -> None:
    values = ["b", "a", "b", "c", "c", "b", "d"]
    (profile,) = profiles_of({"v": values})
    (other,) = profiles_of({"v": values[::-1]})
    assert profile.examples == other.examples == ("b", "c", "a")


def test_suggestion_is_accepted(tmp_path: Path) -> None:
    text = suggest_toml(profiles_of(COLUMNS))
    (tmp_path / "c.toml").write_text(text, encoding="utf-8")
    config = Config.from_toml(tmp_path / "c.toml")
    assert config.catalog.id == "sku"
    assert list(config.attributes) == ["title", "price", 'odd "name"\n']
    assert config.attributes["price"] is Kind.PRICE
    assert list(config.match) == ["exact"]
    assert "100% filled, 40 distinct" in text


@pytest.mark.parametrize("names", [("title", "solid"), ("grid", "said")])
def test_a_unique_column_is_no_id_without_the_name_of_one(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    profiles = profiles_of({name: ["a b", "c d"] for name in names})
    assert all(profile.kind is not None for profile in profiles)
    (tmp_path / "c.toml").write_text(suggest_toml(profiles), encoding="utf-8")
    assert Config.from_toml(tmp_path / "c.toml").catalog.id is None
    assert profiles_of({name: ["a b", "c d"] for name in names}, names[0])[0].kind is None
