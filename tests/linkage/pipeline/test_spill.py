"""Pairs that wait on disk are the pairs they were."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from catalogs import example_slice

import linkage.pipeline.run as run_module
from linkage import Config, Linker
from linkage.config.authored import MatchDefinition
from linkage.config.memory_limit import is_tight, needed_memory
from linkage.pipeline import spill
from linkage.pipeline.spill import SpilledResult

MATCH = {
    "exact": MatchDefinition("exact"),
    "variant": MatchDefinition("variant", ("colour", "size")),
}


@pytest.fixture(scope="module")
def catalog() -> pd.DataFrame:
    return example_slice(30)[0]


def test_a_run_that_spills_comes_to_the_same(
    catalog: pd.DataFrame, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = Config(quality="fast", match=MATCH)
    plain = Linker(config).match(catalog)
    spilled: list[int] = []

    class Watched(SpilledResult):
        def read(self):
            found = super().read()
            spilled.append(len(found.candidates))
            return found

    monkeypatch.setattr(run_module, "is_tight", lambda records, resolved: True)
    monkeypatch.setattr(spill, "SpilledResult", Watched)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    result = Linker(config).match(catalog)
    assert len(spilled) == 2
    assert min(spilled) > 0
    assert list(tmp_path.iterdir()) == [], "the files have no name"
    pd.testing.assert_frame_equal(result.pairs, plain.pairs, check_exact=True)
    pd.testing.assert_frame_equal(result.clusters, plain.clusters, check_exact=True)
    for name, account in plain.run["definitions"].items():
        assert result.run["definitions"][name]["candidates"] == account["candidates"]


def test_memory_is_tight_near_the_limit(catalog: pd.DataFrame) -> None:
    sessions = Linker(Config(quality="fast"))._begin(catalog, None, None)
    needed = needed_memory(sessions.records)
    for share, tight in ((1.01, True), (2.0, False), (10.0, False)):
        limits = {"limits": {"memory": f"{round(needed * share / 1e6)}MB"}}
        config = Config.from_dict({"quality": "fast", **limits})
        found = Linker(config)._begin(catalog, None, None)
        assert is_tight(found.records, found.resolved) == tight
    assert np.isfinite(needed)


def test_a_full_disk_leaves_pairs_in_memory(
    catalog: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = Config(quality="fast")
    plain = Linker(config).match(catalog)

    def full(**options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(run_module, "is_tight", lambda records, resolved: True)
    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with pytest.warns(UserWarning, match="pairs stay in memory.*No space left"):
        result = Linker(config).match(catalog)
    pd.testing.assert_frame_equal(result.pairs, plain.pairs)
