"""The same records give the same result, whatever their ids, order, columns and the threads."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from catalogs import example_slice, two_tables

from linkage import Config, Linker

KEYS = ["left_id", "right_id"]
Tables = tuple[pd.DataFrame, pd.DataFrame | None]


def tables(case: str) -> Tables:
    if case == "link":
        return two_tables(40, 15)
    catalog, _ = example_slice(35)
    return (catalog if case == "dedupe" else catalog.drop(columns="gtin")), None


def shuffled(table: pd.DataFrame | None, seed: int) -> pd.DataFrame | None:
    return None if table is None else table.sample(frac=1, random_state=seed)


def outcome(both: Tables, quality: str, threads: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    result = Linker(Config(quality=quality, threads=threads)).match(*both)
    pairs = result.pairs.copy()
    if both[1] is None:
        # Which of two rows of one table comes first says nothing.
        pairs[KEYS] = np.sort(pairs[KEYS].to_numpy().astype(str), axis=1)
    pairs["blockers"] = pairs["blockers"].astype(str)
    clusters = result.clusters.sort_values("id").reset_index(drop=True)
    return pairs.sort_values(KEYS).reset_index(drop=True), clusters


@pytest.mark.parametrize(
    ("case", "quality"),
    [
        ("dedupe", "fast"),
        ("dedupe", "balanced"),
        ("dedupe without gtin", "balanced"),
        ("link", "fast"),
        ("link", "balanced"),
    ],
)
def test_same_records_same_result(case: str, quality: str) -> None:
    left, right = tables(case)
    first = outcome((left, right), quality, 1)
    others = {
        "the same again": outcome((left, right), quality, 1),
        "other order, two threads": outcome((shuffled(left, 1), shuffled(right, 2)), quality, 2),
    }
    for name, (pairs, clusters) in others.items():
        pd.testing.assert_frame_equal(clusters, first[1], check_exact=True, obj=name)
        pd.testing.assert_frame_equal(pairs, first[0], check_exact=True, obj=name)


def members(both: Tables) -> set[frozenset[tuple[str, int]]]:
    """Clusters as sets of positions, of tables in the order given."""
    clusters = Linker(Config(quality="fast")).match(*both).clusters
    side = clusters["source"] if "source" in clusters else pd.Series("", clusters.index)
    place = clusters.groupby(side).cumcount()
    named = pd.Series(list(zip(side, place, strict=True)), clusters.index)
    return {frozenset(some) for _, some in named.groupby(clusters["cluster_id"])}


@pytest.mark.parametrize("case", ["dedupe", "dedupe without gtin", "link"])
def test_ids_columns_and_strangers_move_nothing(case: str) -> None:
    both = tables(case)

    def changed(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Tables:
        left, right = both
        return change(left), None if right is None else change(right)

    first = members(both)
    others = {
        "ids": changed(lambda t: t.assign(id=[f"{(k * 7919) % 10007:x}" for k in range(len(t))])),
        "columns": changed(lambda t: t[t.columns[::-1]]),
        "a constant": changed(lambda t: t.assign(site="north")),
    }
    for name, other in others.items():
        assert members(other) == first, name
