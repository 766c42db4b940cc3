"""Variant groups where no column holds what variants differ in: titles alone state it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

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
