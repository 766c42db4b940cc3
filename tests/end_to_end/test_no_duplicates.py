"""A table without duplicates: what is merely alike must not be merged."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from linkage import Config, Linker

_EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="module")
def distinct() -> pd.DataFrame:
    """One offer of each entity of the example catalog."""
    catalog = pd.read_csv(_EXAMPLES / "catalog.csv", dtype=str)
    truth = pd.read_csv(_EXAMPLES / "truth.csv", dtype=str)
    kept = truth.drop_duplicates("entity_id")["id"]
    return catalog[catalog["id"].isin(kept)].head(400).reset_index(drop=True)


def test_unequal_trade_numbers_overrule_likeness(distinct: pd.DataFrame) -> None:
    result = Linker(Config.from_dict({"quality": "fast"})).match(distinct)
    account = result.run["definitions"]["exact"]
    assert result.clusters["cluster_id"].nunique() >= 0.98 * len(distinct)
    assert any("seems to hold no duplicates" in note for note in account["notes"])


def test_an_equal_trade_number_still_joins(distinct: pd.DataFrame) -> None:
    number = distinct.loc[distinct["gtin"].notna()].head(1)
    copy_of_row = number.assign(id="twin", title="another wording", price="1.00", brand=None)
    result = Linker(Config.from_dict({"quality": "fast"})).match(
        pd.concat([distinct, copy_of_row], ignore_index=True)
    )
    clusters = result.clusters.set_index("id")["cluster_id"]
    assert clusters["twin"] == clusters[number["id"].iloc[0]]
