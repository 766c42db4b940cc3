"""Tests of two shops in one table, which are told apart by how they write."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from linkage import Config, Linker
from linkage.explanation.explanations import PairExplanation

MAKERS = ["Kanova", "Fixor", "Lumos", "Soundy", "Garda", "Voltra"]
SORTS = ["Laptop", "Router", "Speaker", "Printer", "Camera", "Monitor"]


def two_shops(products: int = 180, shared: int = 120, seed: int = 0) -> pd.DataFrame:
    """Offers of two shops in one table, in random order; siblings of a series differ in size."""
    generator = np.random.default_rng(seed)
    syllables = ["ka", "no", "va", "li", "mer", "ton", "sa", "bel", "dor", "ix", "ura", "pel"]
    series = ["".join(generator.choice(syllables, 3)).capitalize() for _ in range(products // 3)]
    rows = []
    for k in generator.permutation(products):
        maker, sort, size = MAKERS[k // 3 % 6], SORTS[k // 18 % 6], (16, 32, 64)[k % 3]
        price = float(generator.integers(50, 900))
        one = f"{maker} {series[k // 3]} {sort} - {size} GB"
        two = f"{series[k // 3].upper()} {sort.upper()} by {maker.upper()} ({size}GB)"
        alone = len(rows) % 2 if k >= shared else None
        if alone in (None, 0):
            rows.append((f"a{k}", k, one, f"${price:.2f}"))
        if alone in (None, 1):
            rows.append((f"b{k}", k, two, f"{price * generator.uniform(0.9, 1.1):.0f}"))
    table = pd.DataFrame(rows, columns=["id", "product", "title", "price"])
    return table.sample(frac=1, random_state=seed).reset_index(drop=True)


def truth(table: pd.DataFrame) -> set[frozenset[str]]:
    """The pairs of one product."""
    pairs = table.merge(table, on="product")
    return {frozenset(pair) for pair in zip(pairs["id_x"], pairs["id_y"], strict=True)} - {
        frozenset([one]) for one in table["id"]
    }


def found(pairs: pd.DataFrame) -> set[frozenset[str]]:
    """The pairs that match."""
    matches = pairs[pairs["match"]]
    return {frozenset(p) for p in zip(matches["left_id"], matches["right_id"], strict=True)}


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return two_shops()


@pytest.fixture(scope="module")
def linker(table: pd.DataFrame) -> Linker:
    linker = Linker(Config(quality="balanced"))
    linker.fit(table.drop(columns="product"))
    return linker


def test_matches_are_across_the_shops_and_the_run_says_why(
    linker: Linker, table: pd.DataFrame
) -> None:
    result = linker.match(table.drop(columns="product"))
    matches, right = found(result.pairs), truth(table)
    assert 2 * len(matches & right) / (len(matches) + len(right)) > 0.9
    shops = [{one[0] for one in pair} for pair in matches]
    assert sum(shop == {"a", "b"} for shop in shops) > 0.95 * len(shops)
    assert result.clusters["cluster_id"].value_counts().max() == 2
    (account,) = result.run["definitions"].values()
    assert any("two put together" in note for note in account["notes"])


def test_a_saved_model_scores_as_before(
    linker: Linker, table: pd.DataFrame, tmp_path: Path
) -> None:
    offers = table.drop(columns="product")
    linker.save(tmp_path / "model")
    before = linker.match(offers).pairs
    after = Linker.load(tmp_path / "model").match(offers).pairs
    pd.testing.assert_frame_equal(before, after)


def test_the_explanation_of_a_pair_adds_up_and_names_the_sources(
    linker: Linker, table: pd.DataFrame
) -> None:
    result = linker.match(table.drop(columns="product"))
    left, right = next(iter(sorted(sorted(pair) for pair in truth(table))))
    explained = result.explain(left, right)
    assert isinstance(explained, PairExplanation)
    score = explained.definitions[0].score
    steps = {step.name: step.amount for step in score.steps}
    assert steps["sources"] > 0
    assert score.raw + sum(steps.values()) == pytest.approx(score.log_odds)


def test_shops_that_list_products_twice_are_not_held_to_one_partner(table: pd.DataFrame) -> None:
    offers = table.drop(columns="product")
    copies = offers[offers["id"].str.startswith("a")].assign(id=lambda t: "copy-" + t["id"])
    both = pd.concat([offers, copies], ignore_index=True)
    clusters = Linker(Config(quality="balanced")).match(both).clusters.set_index("id")
    of_copy = clusters["cluster_id"].reindex(copies["id"]).to_numpy()
    of_original = clusters["cluster_id"].reindex(copies["id"].str.removeprefix("copy-")).to_numpy()
    assert (of_copy == of_original).mean() > 0.98


def test_no_sources_are_found_if_that_is_not_wanted(table: pd.DataFrame) -> None:
    config = Config(quality="balanced", linkage={"one_to_one": "no"})
    result = Linker(config).match(table.drop(columns="product"))
    (account,) = result.run["definitions"].values()
    assert not any("two put together" in note for note in account["notes"])
    assert not account["one_to_one"]
