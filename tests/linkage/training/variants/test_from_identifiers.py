"""Variants learned from trade numbers of records that state equal ignored values."""

from __future__ import annotations

import numpy as np
import pandas as pd
from catalogs import gtin
from prepared import pair_keys

from linkage.config.authored import Config, MatchDefinition
from linkage.evaluation.metrics import evaluate_clusters
from linkage.linker import Linker
from linkage.training.variants import from_identifiers

BOTH = {
    "exact": MatchDefinition("exact"),
    "variant": MatchDefinition("variant", ("colour", "size")),
}


def catalog(products: int = 40) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Offers whose titles mention the variant, of lines of products that differ in a number."""
    rng = np.random.default_rng(4)
    words = "alder birch cedar elm fir hazel juniper larch maple oak pine rowan spruce yew".split()
    garments = "jacket shirt hoodie".split()
    rows, truth = [], []
    numbers: dict[str, int] = {}
    for product in range(products):
        if product % 3 == 0:
            line = f"{rng.choice(words)} {rng.choice(words)} {rng.choice(garments)}"
        for colour in rng.choice(["black", "white", "red", "green", "grey"], 2, replace=False):
            for size in rng.choice(["S", "M", "L", "XL"], 2, replace=False):
                unit = f"{product}-{colour}-{size}"
                for shop in range(3):
                    parts = [line, str(product % 3 + 1), colour, size]
                    if shop == 1:
                        parts = [line, str(product % 3 + 1), f"({size},", f"{colour})", "new"]
                    number = gtin(numbers.setdefault(unit, len(numbers)))
                    rows.append((" ".join(parts), colour, size, number))
                    truth.append((unit, product))
    table = pd.DataFrame(rows, columns=["title", "colour", "size", "gtin"])
    table.insert(0, "id", [f"r{k}" for k in rng.permutation(len(table))])
    table.loc[rng.random(len(table)) < 0.25, "gtin"] = None
    return table, pd.DataFrame(truth, columns=["exact", "variant"], index=table["id"])


def test_variants_are_learned_from_trade_numbers() -> None:
    table, truth = catalog()
    result = Linker(Config(match=BOTH, threads=1, quality="fast")).match(table)
    anchor = result.run["definitions"]["variant"]["anchor"]
    assert "by records that state the same ignored values" in anchor
    for level in BOTH:
        wanted = pd.factorize(truth[level].reindex(result.clusters["id"]))[0]
        found = pd.factorize(result.clusters[f"{level}_id"])[0]
        assert evaluate_clusters(found, wanted).pairwise.f1 > 0.9
    assert (result.clusters.groupby("exact_id")["variant_id"].nunique() == 1).all()


def test_without_trade_numbers_variants_are_learned_from_texts() -> None:
    table, _ = catalog(12)
    match = {"variant": BOTH["variant"]}
    result = Linker(Config(match=match, threads=1, quality="fast")).match(
        table.drop(columns="gtin")
    )
    assert "trade number" not in result.run["definitions"]["variant"]["anchor"]


def test_attributes_that_agree_less_in_matches_are_hidden() -> None:
    names = ["seller.idf_cosine", "seller.equal", "title.idf_cosine", "price.difference"]
    matrix = np.array([[0, 0, 0.9, 0.1], [0, 0, 0.8, 0.1], [1, 1, 0.2, 0.5], [0, 0, 0.1, 0.5]])
    labels = from_identifiers._Labels(
        matrix, np.zeros(4, int), pair_keys(4), np.array([1, 1, 0, 0])
    )
    assert from_identifiers._inverted_features(labels, names) == [0, 1]


def test_the_shift_to_siblings_is_estimated_from_pairs_of_different_values() -> None:
    rng = np.random.default_rng(0)
    # To each match of equal values there are 3 of different values, to each non-match 15.
    log_odds = rng.normal(1.0, 2.0, 20_000)
    match = rng.random(len(log_odds)) < 1 / (1 + np.exp(-log_odds))
    more = np.where(match, 3, 15)
    scores = np.concatenate([log_odds, np.repeat(log_odds, more)])
    same = np.arange(len(scores)) < len(log_odds)
    shift = from_identifiers._sibling_shift(scores, same, ~same)
    assert np.isclose(shift, np.log(4 / 16), atol=0.15)
    assert from_identifiers._sibling_shift(scores[:100], same[:100], ~same[:100]) == 0.0
