"""Decisions of persons bind whole runs: chains, nesting, equal rows, linkage, limits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from catalogs import example_slice, two_tables
from variant_catalogs import variant_catalog

from linkage import Config, Linker, Result
from linkage.errors import InputError


def run(
    table: pd.DataFrame, decisions: list[tuple[Any, ...]] | None, right: Any = None, **config: Any
) -> Result:
    columns = ["left_id", "right_id", "answer", "definition"]
    rows = [(*one, None)[:4] for one in decisions or ()]
    frame = None if decisions is None else pd.DataFrame(rows, columns=columns)
    linker = Linker(Config.from_dict({"threads": 1, "quality": "fast", **config}))
    return linker.match(table, right, decisions=frame)


def labels_of(result: Result, column: str = "cluster_id") -> pd.Series:
    return result.clusters.set_index("id")[column]


def broken(result: Result, decisions: list[tuple[Any, ...]], column: str = "cluster_id") -> list:
    cluster = labels_of(result, column)
    return [one for one in decisions if (cluster[one[0]] == cluster[one[1]]) != (one[2] == "same")]


@pytest.fixture(scope="module")
def catalog() -> pd.DataFrame:
    return example_slice(80)[0]


@pytest.fixture(scope="module")
def free(catalog: pd.DataFrame) -> Result:
    return run(catalog, None)


def random_decisions(ids: np.ndarray, count: int, seed: int) -> list[tuple[str, str, str]]:
    """Decisions on random pairs that do not contradict each other: those of a hidden partition."""
    rng = np.random.default_rng(seed)
    hidden = dict(zip(ids, rng.integers(0, len(ids) // 4, len(ids)), strict=True))
    pairs = rng.choice(ids, (count, 2))
    near = [(a, b) for a in ids[:60] for b in ids[:60] if a < b and hidden[a] == hidden[b]]
    found = {(a, b) for a, b in pairs if a != b} | set(near)
    return [(a, b, "same" if hidden[a] == hidden[b] else "different") for a, b in sorted(found)]


def test_what_a_run_finds_anyway_changes_nothing(catalog: pd.DataFrame, free: Result) -> None:
    cluster = labels_of(free)
    several = cluster[cluster.duplicated(keep=False)].sort_values()
    together = (several.index[0], several.index[1], "same")
    assert cluster[together[0]] == cluster[together[1]]
    apart = (several.index[0], several.index[-1], "different")
    again = run(catalog, [together, apart])
    assert labels_of(again).equals(cluster)


def test_a_decision_never_tears_the_clusters_that_it_joins(
    catalog: pd.DataFrame, free: Result
) -> None:
    cluster = labels_of(free)
    sizes = cluster.value_counts()
    one, two = sizes.index[0], sizes.index[1]
    a, b = cluster.index[cluster == one][0], cluster.index[cluster == two][0]
    joined = labels_of(run(catalog, [(a, b, "same")]))
    expected = cluster.replace({two: joined[a], one: joined[a]})
    assert joined.equals(expected)


def test_random_decisions_hold_by_every_chain(catalog: pd.DataFrame) -> None:
    decisions = random_decisions(catalog["id"].to_numpy(), 300, seed=1)
    assert {one[2] for one in decisions} == {"same", "different"}
    result = run(catalog, decisions)
    assert not broken(result, decisions)
    pairs = result.pairs.set_index(["left_id", "right_id"])
    same = next(one for one in decisions if one[2] == "same")
    row = pairs.loc[same[:2]] if same[:2] in pairs.index else pairs.loc[(same[1], same[0])]
    different = next(one for one in decisions if one[2] == "different")
    (told,) = result.explain(*same[:2]).definitions
    assert told.rules[0].rule == "a person decided that they are the same"
    (told,) = result.explain(*different[:2]).definitions
    assert told.rules[0].rule == "a person decided that they are different"
    assert row["score"] == 1
    assert row["match"]


def test_decisions_go_before_rules_and_limits(catalog: pd.DataFrame, free: Result) -> None:
    cluster = labels_of(free)
    first = cluster.index[cluster == cluster.value_counts().index[0]][:3]
    table = catalog.assign(batch=[str(k) for k in range(len(catalog))])
    decisions = [(first[0], first[1], "same"), (first[1], first[2], "same")]
    match = {"exact": {"cannot": [{"column": "batch", "when": "differ"}]}}
    ruled = run(table, decisions, match=match)
    assert not broken(ruled, decisions)
    assert labels_of(ruled).value_counts().tolist()[:2] == [3, 1]
    small = run(catalog, decisions, limits={"max_cluster_size": 2})
    assert not broken(small, decisions)


def test_equal_rows_part_where_they_are_decided_to_differ() -> None:
    table, _ = example_slice(40)
    copy = table.iloc[:10].assign(id=[f"copy {k}" for k in range(10)])
    both = pd.concat([table, copy], ignore_index=True)
    twins = [(a, b, "different") for a, b in zip(table["id"][:10], copy["id"], strict=True)]
    cluster = labels_of(run(both, None))
    assert all(cluster[a] == cluster[b] for a, b, _ in twins)
    assert not broken(run(both, twins[:5]), twins[:5])


def test_decisions_obey_nesting() -> None:
    table, _ = variant_catalog(disciplined=False, products=30)
    match = {"exact": {}, "variant": {"ignore": ["colour", "size"]}}
    free = run(table, None, match=match)
    exact, variant = labels_of(free, "exact_id"), labels_of(free, "variant_id")
    ids = table["id"].to_numpy()
    rng = np.random.default_rng(3)
    pairs = [(a, b) for a, b in rng.choice(ids, (300, 2)) if a != b]
    siblings = [(a, b) for a in ids[:40] for b in ids[:40] if a < b and variant[a] == variant[b]]
    assert siblings
    hidden = dict(zip(ids, rng.integers(0, 8, len(ids)), strict=True))
    decisions = []
    for k, (a, b) in enumerate([*pairs[:60], *siblings[:60]]):
        if hidden[a] == hidden[b]:
            decisions.append((a, b, "same", "exact" if k % 2 else "variant"))
        else:
            decisions.append((a, b, "different", "exact" if k % 2 else "variant"))
    result = run(table, decisions, match=match)
    same = [one for one in decisions if one[2] == "same"]
    different = [one for one in decisions if one[2] == "different"]
    of_exact = [one for one in same if one[3] == "exact"]
    of_variant = [one for one in different if one[3] == "variant"]
    assert of_exact
    assert of_variant
    assert not broken(result, [*of_exact, *different], "exact_id")
    assert not broken(result, [*same, *of_variant], "variant_id")
    assert all(pair["violations"] == 0 for pair in result.run["nesting"])
    # What is decided as it was found leaves both definitions as they were.
    a, b = siblings[0]
    kept = run(table, [(a, b, "same", "variant")], match=match)
    assert labels_of(kept, "variant_id").equals(variant)
    assert labels_of(kept, "exact_id").equals(exact)


@pytest.mark.parametrize("one_to_one", [None, False])
def test_decisions_between_two_tables(one_to_one: bool | None) -> None:
    left, right = two_tables()
    linkage = {} if one_to_one is None else {"one_to_one": one_to_one}
    decisions = [
        (left["id"][0], right["id"][5], "same"),
        (left["id"][1], right["id"][1], "different"),
        (left["id"][2], right["id"][2], "different"),
    ]
    result = run(left, decisions, right, linkage=linkage)
    clusters = result.clusters.set_index(["source", "id"])["cluster_id"]
    for a, b, answer in decisions:
        assert (clusters["left", a] == clusters["right", b]) == (answer == "same")


def test_contradictions_are_refused_with_both_named(catalog: pd.DataFrame) -> None:
    a, b, c = catalog["id"][:3]
    decisions = [(a, b, "same"), (b, c, "same"), (a, c, "different")]
    with pytest.raises(InputError, match="contradict each other under exact") as error:
        run(catalog, decisions)
    for row in ("row 1", "row 2", "row 3"):
        assert row in str(error.value)


def test_decisions_across_definitions_contradict_each_other(catalog: pd.DataFrame) -> None:
    a, b = catalog["id"][:2]
    decisions = [(a, b, "same", "exact"), (a, b, "different", "variant")]
    with pytest.raises(InputError, match="contradict"):
        run(catalog, decisions, match={"exact": {}, "variant": {"ignore": ["colour"]}})


def test_what_does_not_concern_a_run_is_noted(catalog: pd.DataFrame) -> None:
    a = catalog["id"][0]
    result = run(catalog, [(a, "gone", "same"), (a, "other", "same", "nowhere")])
    notes = " ".join(result.run["notes"])
    assert "1 decisions name a record that the catalog does not have" in notes
    assert "1 decisions are of nowhere" in notes


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ({"left_id": ["a"], "right_id": ["b"]}, "no column 'answer'"),
        (
            {"left_id": ["a"], "right_id": ["b"], "answer": ["maybe"]},
            "row 1, column answer: 'maybe'",
        ),
        (
            {"left_id": ["a", None], "right_id": ["b", "b"], "label": [1, 0]},
            "row 2, column left_id",
        ),
        ({"left_id": ["a"], "right_id": ["a"], "answer": ["same"]}, "record with itself"),
    ],
)
def test_a_table_that_holds_no_decisions_is_refused(
    catalog: pd.DataFrame, frame: dict[str, list], message: str
) -> None:
    table = catalog.head(30)
    table = pd.concat([table, table.tail(1).assign(id="a")], ignore_index=True)
    with pytest.raises(InputError, match=message):
        Linker(Config(quality="fast")).match(table, decisions=pd.DataFrame(frame))
