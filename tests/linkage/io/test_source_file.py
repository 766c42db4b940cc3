"""The folder of a table's file: kept from reading to the records, or set by configuration."""

from __future__ import annotations

from pathlib import Path

import images
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from linkage import Config, Linker
from linkage.errors import ConfigError
from linkage.io.label_files import read_labels
from linkage.io.reading import build_records, from_frame, read_table

CATALOG = "id,title,photo\n1,red shirt,a.png\n2,blue shirt,b.png\n"


def write(folder: Path, text: str = CATALOG, name: str = "catalog.csv") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_records_know_the_folder_of_each_table(tmp_path: Path) -> None:
    left = read_table(write(tmp_path / "ours"))
    pq.write_table(left, tmp_path / "theirs.parquet")
    right = read_table(tmp_path / "theirs.parquet")
    assert build_records(left).folders == (tmp_path / "ours",)
    records = build_records(left, right)
    assert records.folders == (tmp_path / "ours", tmp_path), "the file that was read"
    assert build_records(left, from_frame(left.to_pandas())).folders == (tmp_path / "ours", None)
    assert build_records(left, right, images=tmp_path).folders == (tmp_path, tmp_path)


def test_a_relative_path_of_the_catalog_is_made_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path)
    monkeypatch.chdir(tmp_path)
    table = read_table("catalog.csv")
    monkeypatch.chdir("/")
    assert build_records(table).folders == (tmp_path,)


def test_labels_that_are_records_know_their_folder(tmp_path: Path) -> None:
    text = "labeling_set_id,label,title,photo\n1,1,red,a.png\n1,0,blue,b.png\n"
    labels = read_labels(write(tmp_path / "labels", text))
    assert labels.training_table is not None
    assert build_records(labels.training_table).folders == (tmp_path / "labels",)


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    table = read_table(write(tmp_path))
    linker = Linker(Config(catalog={"images": str(tmp_path / "lost")}))
    with pytest.raises(ConfigError, match=r"catalog\.images: there is no folder .*lost"):
        linker.match(table)


def test_offers_are_told_apart_by_their_photographs_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINKAGE_CACHE", str(tmp_path / "cache"))
    colours = ("crimson", "navy")
    offers, pairs = [], []
    for product in range(40):
        picture = images.draw(product // 2, colours[product % 2])
        names = f"photos/{product}.png", f"photos/{product}.jpg"
        images.save(picture, tmp_path / names[0])
        images.save(picture, tmp_path / names[1], quality=85)
        offers += [
            (f"{product}{side}", "cotton shirt", name)
            for side, name in zip("ab", names, strict=True)
        ]
        pairs += [
            (f"{product}a", f"{other % 40}b", int(other == product))
            for other in (product, product ^ 1, product + 3, product + 8)
        ]
    frame = pd.DataFrame(offers, columns=["id", "title", "photo"])
    frame.to_csv(tmp_path / "catalog.csv", index=False)
    labels = pd.DataFrame(pairs, columns=["left_id", "right_id", "label"])
    known = labels["left_id"].str[:-1].astype(int) < 28
    labels[known].to_csv(tmp_path / "labels.csv", index=False)
    table = read_table(tmp_path / "catalog.csv")
    linker = Linker(Config(quality="fast")).fit(table, None, read_labels(tmp_path / "labels.csv"))
    names = linker.fitted_["exact"].model.names
    assert {"photo.equal", "photo.hash_difference", "photo.colour_difference"} <= set(names)
    rest = labels[~known].reset_index(drop=True)
    scored = linker.score(table, None, rest[["left_id", "right_id"]])
    matches = scored["score"].to_numpy()[rest["label"] == 1]
    others = scored["score"].to_numpy()[rest["label"] == 0]
    assert np.min(matches) > np.max(others)
