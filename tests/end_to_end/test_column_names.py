"""Columns may be called as the engine calls features of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from catalogs import example_slice

from linkage import Config, Linker

#: Names that stand for groups of the engine's own features, or look like features themselves.
NAMES = {
    "title": "record",
    "brand": "prior",
    "category": "context",
    "colour": "codes",
    "size": "known",
    "seller": "record.title",
    "description": "record:idf_cosine",
}


@pytest.fixture(scope="module")
def catalog() -> pd.DataFrame:
    return example_slice(40)[0].rename(columns=NAMES)


@pytest.mark.parametrize("quality", ["fast", "balanced"])
def test_no_column_takes_the_name_of_an_engine_feature(
    catalog: pd.DataFrame, quality: str, tmp_path: Path
) -> None:
    ids = catalog["id"].to_numpy()
    entity = pd.DataFrame({"id": ids[:60], "cluster_id": np.arange(60) // 2})
    linker = Linker(Config(quality=quality, threads=1)).fit(catalog, labels=entity)
    names = linker.fitted_["exact"].model.names
    assert len(set(names)) == len(names), "no two features have one name"
    assert {"prior:log_odds", "prior.equal"} <= set(names)
    pairs = pd.DataFrame({"left_id": ids[:-1], "right_id": ids[1:]})
    scores = linker.score(catalog, None, pairs)["score"]
    assert scores.nunique() > 5
    loaded = Linker.load(linker.save(tmp_path / "model"))
    again = loaded.score(catalog, None, pairs)["score"]
    np.testing.assert_array_equal(again, scores)
