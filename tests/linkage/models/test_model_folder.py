"""A saved model: whole, open, and refused with a reason where it cannot be read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pytest

from features.kinds import Kind
from features.text.statistics import Statistics
from linkage.config.authored import Config
from linkage.errors import ModelError, OutputError
from linkage.io.saved.saved_files import hash_files, sealed
from linkage.models.booster_ensemble import BoosterEnsemble
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
        ("kind", r"model\.json: definitions\.exact\.kinds\.title: it must be one of text, "),
        ("incomplete", r"model\.json: definitions\.exact\.quality: it is missing"),
        ("no statistics", r"match_exact/statistics\.parquet: there is no such file"),
        ("no parquet", r"match_exact/statistics\.parquet: it was altered"),
        ("no pair model", r"match_exact/pair_model\.json: it is no JSON"),
        ("no JSON", r"model\.json: it is no JSON: JSONDecodeError"),
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
    assert "has format 1 (written by version 0.1.0); this version reads format 3" in message
    assert "Train it anew with this version" in message


#: Values that few keys can have.
ODD = (None, -7, 1e30, 10**400, float("nan"), "\ud800", "../x", [], [None], [[-1]], {"x": []})


def boosted(folder: Path) -> Path:
    """A saved model with boosters of two features, which a Fellegi-Sunter part goes with."""
    rng = np.random.default_rng(0)
    matrix = rng.random((400, 2)).astype(np.float32)
    parameters = {"objective": "binary", "num_leaves": 5, "verbose": -1, "num_threads": 1}
    boosters = [
        lightgbm.train(parameters, lightgbm.Dataset(matrix, matrix[:, k] > 0.5), 4) for k in (0, 1)
    ]
    plain = definition(words=[3, 8])
    likelihood = plain.model.scorer.fellegi_sunter
    assert likelihood is not None
    likelihood.names = ["title.equal", "title.idf_cosine"]
    scorer = PairScorer(
        likelihood.names, ensembles=(BoosterEnsemble(boosters, True),), fellegi_sunter=likelihood
    )
    fitted = FittedDefinition(plain.kinds, PairModel(scorer), plain.statistics, "fast")
    return write_model(folder / "model", Config(seed=9), {"exact": fitted}, "1.2.3")


def seal_again(folder: Path) -> None:
    """Writes the hashes of the files as they are now, as who alters a model on purpose would."""
    marker = folder / "model.json"
    state = json.loads(marker.read_text(encoding="utf-8"))
    kept = {k: v for k, v in state.items() if k not in ("sha256", "files")}
    inner = [path for path in folder.iterdir() if path.is_dir()]
    marker.write_text(json.dumps(sealed(kept, hash_files(inner, folder))), encoding="utf-8")


def keys_of(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Paths of all values inside a value of JSON, but of only the first elements of lists."""
    inner = value.items() if isinstance(value, dict) else enumerate(value[:2])
    for key, one in inner:
        yield (*path, key)
        if isinstance(one, dict | list):
            yield from keys_of(one, (*path, key))


def edited(file: Path, path: tuple[str | int, ...], change: Callable[[Any, Any], None]) -> None:
    whole = at = json.loads(file.read_text(encoding="utf-8"))
    for key in path[:-1]:
        at = at[key]
    change(at, path[-1])
    file.write_text(json.dumps(whole), encoding="utf-8")


def fault_of(folder: Path) -> str:
    """What is said of a damaged model; empty where it scores pairs."""
    try:
        _, fitted = read_model(folder)
    except ModelError as error:
        return str(error)
    matrix, fold = np.zeros((9, 2), np.float32), np.arange(9)
    scores = [one.model.log_odds(matrix, fold) for one in fitted.values()]
    return "" if np.isfinite(scores).all() else "infinite scores"


@pytest.mark.parametrize("file", ["model.json", "match_exact/pair_model.json"])
@pytest.mark.parametrize("sealed_again", [False, True], ids=["as it is", "hashed again"])
def test_any_edited_key_ends_in_a_model_error(
    tmp_path: Path, file: str, sealed_again: bool
) -> None:
    folder = boosted(tmp_path)
    whole = (folder / file).read_bytes()
    refused = 0
    for path in list(keys_of(json.loads(whole))):
        for value in ODD:
            (folder / file).write_bytes(whole)
            edited(folder / file, path, lambda at, key, value=value: at.__setitem__(key, value))
            if sealed_again:
                seal_again(folder)
            fault = fault_of(folder)
            refused += bool(fault)
            assert fault or sealed_again, f"{path} = {value!r} was not noticed"
            assert not fault or file.rpartition("/")[2] in fault or ".txt: " in fault
            if file == "match_exact/pair_model.json" and sealed_again:
                (folder / file).write_bytes(whole)
                seal_again(folder)
    assert refused > 50


@pytest.mark.parametrize("how", ["swapped", "cut", "a byte", "gone", "a folder"])
def test_any_other_file_ends_in_a_model_error_that_names_it(tmp_path: Path, how: str) -> None:
    folder = boosted(tmp_path)
    files = [path for path in folder.rglob("*") if path.is_file()]
    for number, file in enumerate(files):
        whole = file.read_bytes()
        if how == "swapped":
            other = files[number - 1].read_bytes()
            file.write_bytes(other)
        elif how == "cut":
            file.write_bytes(whole[: len(whole) * 2 // 3])
        elif how == "a byte":
            middle = len(whole) // 2
            file.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
        else:
            file.unlink()
            if how == "a folder":
                file.mkdir()
        with pytest.raises(ModelError, match=file.name.replace(".", r"\.")):
            read_model(folder)
        if how == "a folder":
            file.rmdir()
        file.write_bytes(whole)
    read_model(folder)


def test_statistics_that_cannot_be_are_refused_though_hashed_again(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = boosted(tmp_path)
    path = folder / "match_exact" / "statistics.parquet"
    good = pq.read_table(path)
    many = pa.table({"space": ["words"] * 2**21, "key": [1] * 2**21, "frequency": [1] * 2**21})
    tables = {
        "do not ascend": good.take([1, 0]),
        "not all are at least 1": good.set_column(2, "frequency", pa.array([1, -1])),
        "its columns are not": good.rename_columns(["space", "key", "other"]),
        "cells are missing": good.set_column(2, "frequency", pa.array([None, 1], pa.int64())),
        "rows in": many.cast(good.schema),
    }
    for message, table in tables.items():
        pq.write_table(table, path, compression="zstd")
        seal_again(folder)
        with pytest.raises(ModelError, match=rf"statistics\.parquet: .*{message}"):
            read_model(folder)


def test_a_model_is_scored_without_lightgbm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = boosted(tmp_path)
    monkeypatch.setattr(lightgbm, "Booster", lambda *_, **__: pytest.fail("was made"))
    _, fitted = read_model(folder)
    assert fitted["exact"].model.scorer.importance()
