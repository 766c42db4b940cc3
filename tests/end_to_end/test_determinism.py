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


@pytest.mark.parametrize("quality", ["fast", "balanced"])
def test_linking_a_to_b_is_linking_b_to_a(quality: str) -> None:
    left, right = tables("link")
    one = Linker(Config(quality=quality)).match(left, right)
    other = Linker(Config(quality=quality)).match(right, left)
    # One way round or the other the engine has the tables swapped: names must be the caller's.
    assert set(one.pairs["left_id"]) <= set(left["id"])
    assert set(other.pairs["left_id"]) <= set(right["id"])
    turned = other.pairs.rename(columns=dict(zip(KEYS, KEYS[::-1], strict=True)))[one.pairs.columns]
    pairs = [
        table.assign(blockers=table["blockers"].astype(str))
        .sort_values(KEYS)
        .reset_index(drop=True)
        for table in (one.pairs, turned)
    ]
    pd.testing.assert_frame_equal(*pairs, check_exact=True)
    for run, first in ((one, left), (other, right)):
        assert run.run["records"]["left"] == len(first)
        assert {edge["left_id"] for edge in run.run["definitions"]["exact"]["weakest_edges"]} <= (
            set(first["id"])
        )
        assert set(run.clusters.loc[run.clusters["source"] == "left", "id"]) == set(first["id"])


def test_labels_models_and_suggestions_keep_the_sides_of_the_caller() -> None:
    for left, right in (tables("link"), tables("link")[::-1]):
        assert right is not None
        found = Linker(Config(quality="fast")).match(left, right).pairs
        labels = found[KEYS].assign(label=found["match"].astype(int))
        linker = Linker(Config(quality="fast")).fit(left, right, labels)
        scored = linker.score(left, right, labels)
        assert ((scored["score"] >= 0.5) == labels["label"].astype(bool)).mean() > 0.95
        suggested = linker.suggest(10, left, right)
        assert set(suggested["left_id"]) <= set(left["id"])
        assert set(suggested["right_id"]) <= set(right["id"])
        # A model has its tables stand as it learned them, whatever the others hold.
        fewer = left.iloc[1:], right.iloc[1:]
        matched = linker.match(*fewer).pairs.set_index(KEYS)["score"]
        wanted = labels[
            labels["left_id"].isin(fewer[0]["id"]) & labels["right_id"].isin(fewer[1]["id"])
        ]
        again = linker.score(*fewer, wanted).set_index(KEYS)["score"]
        both = matched.index.intersection(again.index)
        assert len(both) > 10
        np.testing.assert_allclose(matched[both], again[both], atol=1e-9)
