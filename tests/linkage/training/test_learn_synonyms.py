"""Synonyms in a whole run: with a trade number and without, saved, shown and switched off."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from catalogs import gtin

from linkage.config.authored import Config
from linkage.evaluation.metrics import evaluate_clusters
from linkage.linker import Linker

#: Names in a language that the lexicon does not have: it reads those that it has as equal anyway.
COLOURS = {
    "black": "musta", "white": "valkoinen", "red": "punainen", "green": "vihrea", "grey": "harmaa",
}  # fmt: skip


def catalog(products: int = 40) -> tuple[pd.DataFrame, pd.Series]:
    """Offers of products in three colours each, by an English, a Finnish and a third shop."""
    rng = np.random.default_rng(3)
    words = "alder birch cedar elm fir hazel juniper larch maple oak pine rowan spruce yew".split()
    articles = "lamp chair kettle bottle blanket basket mirror clock".split()
    rows, truth = [], []
    for product in range(products):
        name = f"{rng.choice(words)} {rng.choice(words)} {rng.choice(articles)} {product + 10}"
        for colour in rng.choice(list(COLOURS), 3, replace=False):
            item = len(truth)
            for shop in ("north", "etela", "east"):
                value = COLOURS[colour] if shop == "etela" else colour
                column = None if shop == "east" else value
                title = f"{name} {value}" if shop == "east" or rng.random() < 0.3 else name
                rows.append((shop, title, column, gtin(item)))
                truth.append(f"{product}-{colour}")
    table = pd.DataFrame(rows, columns=["shop", "title", "colour", "gtin"])
    table.insert(0, "id", [f"r{k}" for k in rng.permutation(len(table))])
    table.loc[rng.random(len(table)) < 0.3, "gtin"] = None
    return table, pd.Series(truth, index=table["id"])


def f1(result, truth: pd.Series) -> float:
    wanted = pd.factorize(truth.reindex(result.clusters["id"]))[0]
    found = pd.factorize(result.clusters["cluster_id"])[0]
    return evaluate_clusters(found, wanted).pairwise.f1


def config(synonyms: bool = True) -> Config:
    return Config(quality="fast", threads=1, training={"synonyms": synonyms})


@pytest.mark.parametrize("numbers", [True, False])
def test_names_of_a_colour_are_learned(numbers: bool) -> None:
    table, truth = catalog()
    if not numbers:
        table = table.drop(columns="gtin")
    result = Linker(config()).match(table)
    groups = {frozenset(g) for g in result.synonyms["exact"].get("colour", [])}
    if numbers:
        assert groups == {frozenset(pair) for pair in COLOURS.items()}
        assert f1(result, truth) > f1(Linker(config(synonyms=False)).match(table), truth)
    else:
        # Without trade numbers siblings are similar; values of different colours must not merge.
        assert all(group in {frozenset(pair) for pair in COLOURS.items()} for group in groups)


def test_synonyms_are_listed_and_saved(tmp_path) -> None:
    table, _ = catalog()
    linker = Linker(config())
    result = linker.match(table)
    assert "same colour: " in result.summary()
    result.write(tmp_path / "out")
    run = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert run["definitions"]["exact"]["synonyms"] == result.synonyms["exact"]
    again = Linker.load(linker.save(tmp_path / "model")).match(table)
    assert again.synonyms == result.synonyms
    pd.testing.assert_frame_equal(again.clusters, result.clusters)


def test_synonyms_can_be_switched_off() -> None:
    table, _ = catalog()
    linker = Linker(config(synonyms=False))
    result = linker.match(table)
    assert result.synonyms == {"exact": {}}
    assert "same colour" not in result.summary()
    assert not any("stated" in name for name in linker.fitted_["exact"].model.names)


def test_shuffled_rows_give_the_same_synonyms() -> None:
    table, _ = catalog()
    one = Linker(config()).match(table)
    two = Linker(config()).match(table.sample(frac=1, random_state=1).reset_index(drop=True))
    assert one.synonyms == two.synonyms
