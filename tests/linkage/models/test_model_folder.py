"""A saved model: whole, open, and refused with a reason where it cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from features.kinds import Kind
from features.text.statistics import Statistics
from linkage.config.authored import Config
from linkage.errors import ModelError, OutputError
from linkage.models.fellegi_sunter import FellegiSunter
from linkage.models.model_folder import FittedDefinition, read_model, write_model
from linkage.models.pair_model import PairModel
from linkage.models.pair_scorer import PairScorer


def definition(**keys: list[int]) -> FittedDefinition:
    statistics = Statistics(
        frozen=True,
        documents=dict.fromkeys(keys, 7),
        keys={name: np.array(values, np.uint64) for name, values in keys.items()},
        frequencies={name: np.arange(len(values)) + 1 for name, values in keys.items()},
    )
    likelihood = FellegiSunter(
        ["title.equal"], columns_=[0], edges_=[np.array([0.5], np.float32)],
        weights_=[np.array([0, -1.0, 2.0])], share_=[1.0], prior_=-0.5,
    )  # fmt: skip
    model = PairModel(PairScorer(["title.equal"], fellegi_sunter=likelihood))
    return FittedDefinition({"title": Kind.TEXT}, model, statistics, "fast")


def saved(folder: Path) -> Path:
    largest = 2**64 - 1
    fitted = {"exact": definition(words=[3, largest], gtin=[5], none=[]), "loose": definition()}
    config = Config(match={"exact": {}, "loose": {"ignore": ["size"]}}, seed=9)
    return write_model(folder / "model", config, fitted, "1.2.3")


def test_where_images_lie_is_not_of_the_model(tmp_path: Path) -> None:
    config = Config(catalog={"id": "sku", "images": "photos"})
    write_model(tmp_path / "model", config, {"exact": definition()}, "1.2.3")
    read, _ = read_model(tmp_path / "model")
    assert (read.catalog.id, read.catalog.images) == ("sku", None)


def test_round_trip(tmp_path: Path) -> None:
    config, fitted = read_model(saved(tmp_path))
    assert (config.seed, list(config.match)) == (9, ["exact", "loose"])
    exact = fitted["exact"]
    assert (exact.kinds, exact.quality) == ({"title": Kind.TEXT}, "fast")
    assert exact.statistics.frozen
    assert exact.statistics.documents == {"words": 7, "gtin": 7, "none": 7}
    assert exact.statistics.keys["words"].tolist() == [3, 2**64 - 1]
    assert exact.statistics.keys["words"].dtype == np.uint64
    assert exact.statistics.frequencies["words"].tolist() == [1, 2]
    assert exact.statistics.keys["gtin"].tolist() == [5]
    odds = exact.model.log_odds(np.array([[1.0], [np.nan]], np.float32), np.zeros(2, int))
    assert odds.tolist() == [1.5, -0.5]
    assert fitted["loose"].statistics.keys == {}


def test_files_are_open_formats(tmp_path: Path) -> None:
    files = {p.suffix for p in saved(tmp_path).rglob("*") if p.is_file()}
    assert files == {".json", ".parquet"}


def test_an_existing_folder_stays(tmp_path: Path) -> None:
    saved(tmp_path)
    with pytest.raises(OutputError, match="--force"):
        saved(tmp_path)


def test_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"it has no model\.json"):
        read_model(tmp_path)


def damaged(folder: Path, how: str) -> None:
    marker = folder / "model.json"
    state = json.loads(marker.read_text(encoding="utf-8"))
    if how == "newer":
        state["format"] = 99
    elif how == "kind":
        state["definitions"]["exact"]["kinds"]["title"] = "colour"
    elif how == "incomplete":
        del state["definitions"]["exact"]["quality"]
    elif how == "no statistics":
        (folder / "match_exact" / "statistics.parquet").unlink()
    elif how == "no parquet":
        (folder / "match_exact" / "statistics.parquet").write_bytes(b"nonsense")
    elif how == "no pair model":
        (folder / "match_exact" / "pair_model.json").write_text("{")
    marker.write_text("{" if how == "no JSON" else json.dumps(state), encoding="utf-8")


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("newer", r"format 99 \(written by version 1\.2\.3\); this version reads format"),
        ("kind", "cannot be read"),
        ("incomplete", "KeyError: 'quality'"),
        ("no statistics", "cannot be read"),
        ("no parquet", "cannot be read"),
        ("no pair model", "JSONDecodeError"),
        ("no JSON", "JSONDecodeError"),
    ],
)
def test_damage_is_named(tmp_path: Path, how: str, message: str) -> None:
    folder = saved(tmp_path)
    damaged(folder, how)
    with pytest.raises(ModelError, match=message):
        read_model(folder)


def test_a_model_of_the_first_format_is_refused_with_what_to_do() -> None:
    folder = Path(__file__).resolve().parents[2] / "data" / "model_format_1"
    with pytest.raises(ModelError) as refused:
        read_model(folder)
    message = str(refused.value)
    assert "has format 1 (written by version 0.1.0); this version reads format 2" in message
    assert "Train it anew with this version" in message
