"""Variant groups where no column holds what variants differ in: titles alone state it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from linkage import Config, Linker
from linkage.cli.app import app

ANIMALS = "Fuchs Renard Heron Castor Lynx Otter Marder Ibis Tejon Corvo Falke Bison".split()
GOODS = {
    "en": "Shirt Hoodie Apron Towel", "fr": "Tablier Pantalon Serviette Manteau",
    "de": "Hemd Jacke Schal Handtuch",
}  # fmt: skip
COLOURS = {
    "en": ["Red", "Navy", "Black & White", "Light Blue"],
    "fr": ["rouge", "noir", "bleu foncé", "vert"],
    "de": ["Schwarz", "Grün", "Hellblau", "Weiß"],
}
SIZES = ["S", "M", "XL", "XXL"]
AMOUNTS = ["250 ml", "500ml", "0,5 l", "1.5 L", "6 x 330 ml", "6er-Pack"]


def catalog(language: str, form: str, names: int = 40) -> pd.DataFrame:
    """Products of one language, each in three to five variants that only its titles tell apart."""
    rng = np.random.default_rng(7)
    every = [f"{a} {g}" for a in ANIMALS for g in GOODS[language].split()]
    rows = []
    for product in rng.permutation(every)[:names]:
        variants = {
            form.format(
                name=product,
                colour=rng.choice(COLOURS[language]),
                size=rng.choice(SIZES),
                amount=rng.choice(AMOUNTS),
            )
            for _ in range(5)
        }
        rows += [(title, product) for title in sorted(variants)]
    frame = pd.DataFrame(rows, columns=["title", "product"])
    frame["price"] = [f"{price:.2f}" for price in rng.uniform(5, 60, len(frame))]
    frame.insert(0, "id", [f"r{k}" for k in range(len(frame))])
    return frame.sample(frac=1, random_state=1)


def grouped(folder: Path, frame: pd.DataFrame, *options: str) -> tuple[float, dict]:
    """Pairwise F1 of the groups against the products, and the account of the definition."""
    frame.drop(columns="product").to_csv(folder / "shop.csv", index=False)
    done = CliRunner().invoke(
        app, ["group", str(folder / "shop.csv"), "-o", str(folder / "out"), *options]
    )
    assert done.exit_code == 0, done.output
    clusters = pd.read_csv(folder / "out" / "clusters.csv", dtype=str)
    found = frame[["id", "product"]].merge(clusters, on="id")
    together = [
        column.to_numpy()[:, None] == column.to_numpy()[None, :]
        for column in (found["product"], found["cluster_id"])
    ]
    truth, joined = (np.triu(one, 1) for one in together)
    run = json.loads((folder / "out" / "run.json").read_text(encoding="utf-8"))
    f1 = 2 * (truth & joined).sum() / (truth.sum() + joined.sum())
    return float(f1), run["definitions"]["variant"]


@pytest.mark.parametrize(
    ("language", "form", "concepts"),
    [
        ("en", "{name} - {colour} / {size}", ["colour", "size"]),
        ("fr", "{name} ({colour}, taille {size})", ["color", "size"]),
        ("de", "{name}, Größe {size}, {colour}", ["colour", "size"]),
        ("en", "{name} {amount}", ["quantity"]),
        ("de", "{name} in {colour} | {amount}", ["colour", "quantity"]),
    ],
)
def test_groups_of_titles_that_state_concepts(
    tmp_path: Path, language: str, form: str, concepts: list[str]
) -> None:
    options = [part for name in concepts for part in ("--ignore", name)]
    f1, account = grouped(tmp_path, catalog(language, form), *options)
    assert f1 >= 0.95
    assert account["concepts"] == ["colour" if name == "color" else name for name in concepts]


def test_concepts_beside_columns(tmp_path: Path) -> None:
    frame = catalog("en", "{name} - {colour} / {size}")
    stated = frame["title"].str.rsplit(" / ", n=1)
    frame["size"] = stated.str[1].where(np.arange(len(frame)) % 3 > 0)
    frame["title"] = frame["title"].where(frame["size"].isna(), stated.str[0])
    f1, account = grouped(tmp_path, frame, "--ignore", "size", "--ignore", "colour")
    assert f1 >= 0.95
    assert account["ignore"] == ["size", "colour"]
    assert account["concepts"] == ["colour"]


def test_an_exact_definition_beside_one_with_concepts(tmp_path: Path) -> None:
    frame = catalog("fr", "{name} ({colour}, taille {size})")
    frame["gtin"] = [f"40012345{13 * k:05d}" for k in range(len(frame))]
    frame.drop(columns="product").to_csv(tmp_path / "shop.csv", index=False)
    done = CliRunner().invoke(
        app,
        ["dedupe", str(tmp_path / "shop.csv"), "-o", str(tmp_path / "out"),
         "--ignore", "colour", "--ignore", "size"],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "variant: ignores colour, size as titles state them" in done.output
    clusters = pd.read_csv(tmp_path / "out" / "clusters.csv", dtype=str).merge(frame, on="id")
    assert (clusters.groupby("exact_id")["variant_id"].nunique() == 1).all()
    assert (clusters.groupby("product")["variant_id"].nunique() == 1).all()
    assert clusters["variant_id"].nunique() == frame["product"].nunique()


PATTERN = """
[match.variant]
ignore_text = ["with .* print$"]
"""


def printed() -> pd.DataFrame:
    """Products in several prints, which titles name in words of no lexicon."""
    frame = catalog("en", "{name}|{colour}|{size}")
    rng = np.random.default_rng(3)
    words = np.array("Floral Striped Paisley Tartan Houndstooth Gingham Leopard Ikat".split())
    prints = [" ".join(rng.choice(words, 2)) for _ in range(len(frame))]
    frame["title"] = [
        f"{p} with {one} Print" for p, one in zip(frame["product"], prints, strict=True)
    ]
    return frame.drop(columns="price")


def test_patterns_are_removed_from_titles(tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text(PATTERN, encoding="utf-8")
    frame = printed()
    f1, account = grouped(tmp_path, frame, "-c", str(tmp_path / "shop.toml"))
    assert f1 >= 0.95
    assert account["ignore_text"] == ["with .* print$"]
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "with .* print$" in report
    (tmp_path / "other").mkdir()
    without, _ = grouped(tmp_path / "other", frame, "--ignore", "colour")
    assert without < 0.8


def test_saved_models_keep_concepts_and_patterns(tmp_path: Path) -> None:
    frame = printed()
    frame["title"] += " - Navy"
    config = Config(
        match={"variant": {"ignore": ["colour"], "ignore_text": ["with .* print(?= - |$)"]}}
    )
    linker = Linker(config).fit(frame.drop(columns="product"))
    found = linker.match(frame.drop(columns="product")).clusters
    linker.save(tmp_path / "model")
    loaded = Linker.load(tmp_path / "model")
    assert loaded.config.match == config.match
    again = loaded.match(frame.drop(columns="product")).clusters
    pd.testing.assert_frame_equal(again, found)
    assert found["cluster_id"].nunique() == frame["product"].nunique()
