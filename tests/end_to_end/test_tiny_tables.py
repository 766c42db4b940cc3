"""Tables that are hardly tables: no crash, and a result that makes sense."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from linkage import Config, LinkageError, Linker


def config(quality: str = "fast") -> Config:
    return Config(quality=quality, threads=1)


TINY = {
    "one row": ({"title": ["red shoe"]}, 1),
    "two identical rows": ({"title": ["red shoe"] * 2}, 1),
    "two rows with nothing in common": ({"title": ["red shoe", "blue hat"]}, 2),
    "two of three": ({"title": ["red shoe", "blue hat", "red shoe"]}, 2),
    "all rows identical": ({"title": ["red shoe"] * 30, "price": ["9.99"] * 30}, 1),
    "an empty column": ({"title": ["red shoe", "red shoe", "blue hat"], "brand": [None] * 3}, 2),
    "no common words": ({"title": [f"w{k}x{7 * k} q{k}z" for k in range(40)]}, 40),
    "right to left": ({"title": ["נעל אדומה", "נעל אדומה", "قبعة زرقاء"]}, 2),
    "emoji": ({"title": ["👟 red shoe", "👟 red shoe", "🎩 hat", "😀"]}, 3),
    "NUL bytes": ({"title": ["red\0shoe", "red\0shoe", "blue\0hat"]}, 2),
    "a cell of 1 MB": ({"title": ["red shoe", "red shoe", "lorem ipsum " * 90_000]}, 2),
    "a word of 1 MB": ({"title": ["x" * 1_000_000] * 2 + ["red shoe"]}, 2),
}


@pytest.mark.parametrize("quality", ["fast", "balanced"])
@pytest.mark.parametrize("name", list(TINY))
def test_tiny_tables(name: str, quality: str) -> None:
    columns, clusters = TINY[name]
    n = len(columns["title"])
    table = pd.DataFrame({"id": [f"r{k}" for k in range(n)], **columns})
    result = Linker(config(quality)).match(table)
    assert result.clusters["cluster_id"].nunique() == clusters
    assert result.summary()


@pytest.mark.parametrize("quality", ["fast", "balanced"])
@pytest.mark.parametrize(
    ("left", "right", "matches"),
    [
        (["red shoe"], ["red shoe"], 1),
        (["red shoe"], ["blau hut"], 0),
        (["red shoe", "blue hat"], ["blue hat"], 1),
        (["red shoe"] * 3, ["red shoe"], 1),
    ],
)
def test_tiny_linkages(quality: str, left: list[str], right: list[str], matches: int) -> None:
    def table(titles: list[str]) -> pd.DataFrame:
        return pd.DataFrame({"id": [str(k) for k in range(len(titles))], "title": titles})

    result = Linker(config(quality)).match(table(left), table(right))
    sides = result.clusters.groupby("cluster_id")["source"].nunique()
    assert (sides == 2).sum() == matches


@pytest.mark.parametrize("quality", ["fast", "balanced"])
def test_tables_without_a_common_word(quality: str) -> None:
    rng = np.random.default_rng(0)
    ours = "lorem ipsum dolor sit amet consectetur adipiscing elit sed tempor".split()
    theirs = "быстрый коричневый лис прыгает через ленивую собаку каждый новый день".split()
    left, right = (
        pd.DataFrame({"id": range(40), "title": [" ".join(rng.choice(w, 5)) for _ in range(40)]})
        for w in (ours, theirs)
    )
    result = Linker(config(quality)).match(left.astype(str), right.astype(str))
    sides = result.clusters.groupby("cluster_id")["source"].nunique()
    assert (sides == 2).sum() <= 4


def test_nothing_to_compare() -> None:
    with pytest.raises(LinkageError, match="nothing to compare"):
        Linker(config()).match(pd.DataFrame({"id": ["a", "b"], "title": [None, None]}))
