"""Tests of whether a table holds duplicates at all."""

import numpy as np
import pandas as pd
import pytest

from linkage import Config, Linker

MAKERS = ["Kanova", "Fixor", "Lumos", "Soundy", "Garda", "Voltra"]
SORTS = ["Laptop", "Router", "Speaker", "Printer", "Camera", "Monitor"]


def offers(models: int, sellers: int, seed: int = 0) -> pd.DataFrame:
    """Offers of models with a code each, in the words of each seller."""
    generator = np.random.default_rng(seed)
    rows = []
    for k in range(models):
        maker, sort = MAKERS[k % 6], SORTS[k // 6 % 6]
        code = f"{''.join(generator.choice(list('ABCDEFGHKLMNPRSTUVWX'), 2))}{k + 100}"
        size = generator.choice([8, 16, 32, 64, 128])
        price = float(generator.integers(50, 900))
        writings = (
            f"{maker} {sort} {code} {size} GB",
            f"{sort} {maker} {code}, {size}GB new in box",
        )
        rows += [
            {"id": f"{k}-{s}", "title": writings[s], "price": f"{price * (1 + 0.05 * s):.2f}"}
            for s in range(sellers)
        ]
    return pd.DataFrame(rows).sample(frac=1, random_state=seed).reset_index(drop=True)


def run(table: pd.DataFrame) -> tuple[pd.Series, dict]:
    """The size of each record's cluster, and the account of the run."""
    result = Linker(Config()).match(table)
    clusters = result.clusters["cluster_id"]
    return clusters.map(clusters.value_counts()), result.run["definitions"]["exact"]


@pytest.mark.parametrize("models", [120, 400])
def test_a_table_without_duplicates_gets_no_matches_and_a_reason(models: int) -> None:
    size, account = run(offers(models, 1))
    assert (size > 1).mean() <= 0.03
    assert any("seems to hold no duplicates" in note for note in account["notes"])


def test_the_same_table_of_two_sellers_is_matched() -> None:
    size, account = run(offers(200, 2))
    assert (size == 2).mean() > 0.9
    assert account["notes"] == []


def test_records_without_facts_are_left_apart_unless_some_are_equal() -> None:
    generator = np.random.default_rng(0)
    syllables = ["ka", "no", "va", "li", "mer", "ton", "sa", "bel", "dor", "ix", "ura", "pel"]
    names = sorted({"".join(generator.choice(syllables, 4)) for _ in range(300)})
    table = pd.DataFrame({"id": [f"r{k}" for k in range(len(names))], "name": names})
    size, account = run(table)
    assert (size > 1).mean() <= 0.03
    assert any("by which one could tell duplicates" in note for note in account["notes"])
