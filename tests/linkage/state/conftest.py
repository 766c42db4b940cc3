"""A state that does not exist yet, and a small catalog."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from catalogs import example_slice

from linkage.state.catalog_state import CatalogState


@pytest.fixture
def state(tmp_path: Path) -> CatalogState:
    return CatalogState.at(tmp_path / "catalog.linkage")


@pytest.fixture(scope="module")
def catalog() -> pd.DataFrame:
    return example_slice(80)[0]
