"""Explanations of a run, end to end: scored, proposed, joined, and said so."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from catalogs import two_tables
from variant_catalogs import variant_catalog

from features.kinds import Kind
from linkage.cli.explain import explain_run
from linkage.config.authored import Config, MatchDefinition, Rule
from linkage.errors import InputError, ModelError
from linkage.explanation.explanations import ClusterExplanation, PairExplanation
from linkage.linker import Linker
from linkage.result import Result

LEVELS = {
    "colour": MatchDefinition("colour", ("size",)),
    "variant": MatchDefinition("variant", ("colour", "size")),
}


@cache
def linked() -> Result:
    return Linker(Config(threads=1, quality="fast")).match(*two_tables())


@cache
def grouped() -> Result:
    table, _ = variant_catalog(disciplined=False)
    return Linker(Config(match=LEVELS, threads=1, quality="fast")).match(table)


def pair_of(result: Result, a: str, b: str) -> PairExplanation:
    explained = result.explain(a, b)
    assert isinstance(explained, PairExplanation)
    return explained


def cluster_of(result: Result, a: str) -> ClusterExplanation:
    explained = result.explain(a)
    assert isinstance(explained, ClusterExplanation)
    return explained


@pytest.mark.parametrize("place", [0, 0.3, 0.9, 1])
def test_the_score_is_that_of_the_run(place: float) -> None:
    pairs = linked().pairs.sort_values(["score", "left_id", "right_id"])
    row = pairs.iloc[round(place * (len(pairs) - 1))]
    (one,) = pair_of(linked(), row["left_id"], row["right_id"]).definitions
    assert one.recorded == row["score"]
    assert one.score.score == pytest.approx(row["score"], abs=1e-9)
    assert one.match == row["match"]
    assert one.blocking.proposed
    assert one.blocking.blockers == row["blockers"].split("+")
    assert not any("differ" in note for note in one.notes)


def test_who_proposed_a_pair_is_seen_in_keys_and_lists() -> None:
    pairs = linked().pairs
    row = pairs[pairs["blockers"].str.contains("codes") & pairs["match"]].iloc[0]
    (one,) = pair_of(linked(), row["left_id"], row["right_id"]).definitions
    shared = [key for key in one.blocking.keys if key.holders == "both"]
    assert any(key.blocker == "codes" and key.records >= 2 for key in shared)
    listed = [rank for rank in one.blocking.ranks if rank.space in one.blocking.blockers]
    assert listed
    assert all(rank.left_rank or rank.right_rank for rank in listed)
    assert one.blocking.left_candidates == int((pairs["left_id"] == row["left_id"]).sum())


def test_a_pair_that_nobody_proposed() -> None:
    result = linked()
    known = set(zip(result.pairs["left_id"], result.pairs["right_id"], strict=True))
    left, right = (
        result.clusters.loc[result.clusters["source"] == side, "id"] for side in ("left", "right")
    )
    a, b = next((a, b) for a in left for b in right if (a, b) not in known)
    (one,) = pair_of(result, a, b).definitions
    assert one.recorded is None
    assert not one.blocking.proposed
    assert one.blocking.reason.startswith("Nobody proposed the pair")
    assert one.blocking.left_budget is not None
    assert "never scored" in one.notes[0]
    assert not one.match
    assert one.rivals


def test_attributes_agree_differ_or_are_unknown() -> None:
    table_left, table_right = two_tables()
    empty = table_right.loc[table_right["price"] == "", "id"].iloc[0]
    explained = pair_of(linked(), "l0", empty)
    states = {one.name: one.state for one in explained.attributes}
    assert states == {"title": "differ", "price": "unknown"}
    assert explained.attributes[1].right is None
    assert explained.left.values["title"] == table_left["title"][0]
    assert explained.left.table == "left"


def test_the_order_of_two_tables_does_not_matter() -> None:
    row = linked().pairs.iloc[5]
    one = pair_of(linked(), row["left_id"], row["right_id"])
    assert pair_of(linked(), row["right_id"], row["left_id"]) == one
    assert pair_of(linked(), f"left:{row['left_id']}", f"right:{row['right_id']}") == one


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (("l1", "l2"), "both of the left table"),
        (("l1", "l1"), "the same record"),
        (("l1", "r9999"), "no record with the id 'r9999'"),
    ],
)
def test_what_is_no_pair_is_refused(ids: tuple[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        linked().explain(*ids)


def test_an_id_of_both_tables_needs_its_table() -> None:
    left, right = (table.assign(id=table["id"].str[1:]) for table in two_tables())
    result = Linker(Config(threads=1, quality="fast")).match(left, right)
    shared = sorted(set(left["id"]) & set(right["id"]))[0]
    with pytest.raises(InputError, match="Both tables have") as caught:
        result.explain(shared)
    assert f"left:{shared}" in caught.value.hint
    assert cluster_of(result, f"right:{shared}").record.table == "right"
    explained = pair_of(result, shared, shared)
    assert (explained.left.table, explained.right.table) == ("left", "right")


def test_definitions_are_explained_one_by_one() -> None:
    result = grouped()
    clusters = result.clusters
    name = clusters["colour_id"].value_counts().index[0]
    a, b = clusters.loc[clusters["colour_id"] == name, "id"][:2]
    explained = pair_of(result, a, b)
    strict, loose = explained.definitions
    assert (strict.name, loose.name) == ("colour", "variant")
    assert strict.match
    assert loose.match
    assert "stricter definition colour" in loose.verdict
    states = {one.name: one for one in explained.attributes}
    assert states["size"].ignored_by == ["colour", "variant"]
    assert states["colour"].ignored_by == ["variant"]
    assert states["title"].left_compared != states["title"].left
    for one in explained.definitions:
        if one.recorded:
            assert one.score.score == pytest.approx(one.recorded, abs=1e-6)


@pytest.mark.parametrize("result", [linked, grouped])
def test_a_cluster_has_its_members_edges_and_weakest_link(result) -> None:
    run: Result = result()
    for number, (name, account) in enumerate(run.run["definitions"].items()):
        single = len(run.run["definitions"]) == 1
        prefix = "" if single else f"{name}_"
        column = "cluster_id" if single else f"{name}_id"
        if not account["weakest_edges"]:
            continue  # all clusters are of one form
        weak = account["weakest_edges"][0]
        view = cluster_of(run, weak["left_id"]).clusters[number]
        members = run.clusters.loc[run.clusters[column] == view.cluster_id]
        assert view.size == len(members) == len(view.members)
        assert {m.record.id for m in view.members} == set(members["id"])
        pairs = run.pairs[run.pairs[f"{prefix}score"].notna()]
        inside = pairs["left_id"].isin(members["id"]) & pairs["right_id"].isin(members["id"])
        assert view.edge_count == int(inside.sum())
        assert view.confidence == pytest.approx(members.iloc[0][f"{prefix}confidence"])
        scores = [edge.score for edge in view.edges]
        assert scores == sorted(scores, reverse=True)
        if single:
            assert view.weakest is not None
            assert view.weakest.score == pytest.approx(weak["score"], abs=1e-6)
        assert all(
            (edge.left_id in set(members["id"])) != (edge.right_id in set(members["id"]))
            for edge in view.outside
        )


def test_a_run_in_a_folder_is_explained_alike(tmp_path: Path) -> None:
    left, right = two_tables()
    files = [tmp_path / "left.csv", tmp_path / "right.csv"]
    for table, path in zip((left, right), files, strict=True):
        table.to_csv(path, index=False)
    out = linked().write(tmp_path / "out")
    row = linked().pairs.iloc[7]
    ids = row["left_id"], row["right_id"]
    with pytest.raises(InputError, match="from memory"):
        explain_run(out, *ids)
    again = explain_run(out, *ids, catalogs=files)
    first = pair_of(linked(), *ids)
    assert again == first
    plain = json.loads(json.dumps(first.to_dict()))
    assert PairExplanation.from_dict(plain) == first
    assert explain_run(out, ids[0], catalogs=files) == cluster_of(linked(), ids[0])


def test_shuffled_rows_are_explained_alike() -> None:
    table, _ = variant_catalog(disciplined=False)
    order = np.random.default_rng(2).permutation(len(table))
    shuffled = table.iloc[order].reset_index(drop=True)
    again = Linker(Config(match=LEVELS, threads=1, quality="fast")).match(shuffled)
    row = grouped().pairs.iloc[3]
    ids = row["left_id"], row["right_id"]
    assert pair_of(again, *ids) == pair_of(grouped(), *ids)
    assert cluster_of(again, ids[0]) == cluster_of(grouped(), ids[0])


def test_a_result_without_models_cannot_be_explained() -> None:
    whole = linked()
    bare = Result(whole.scored, whole.clusters, whole.run, whole.tables)
    with pytest.raises(ModelError, match="no models"):
        bare.explain("l1")


def test_a_misspelt_id_is_answered_with_the_nearest() -> None:
    table = pd.DataFrame({"id": ["pen-1", "pen-2"], "title": ["Red pen", "Red pen"]})
    result = Linker(Config(threads=1, quality="fast")).match(table)
    with pytest.raises(InputError) as caught:
        result.explain("pen-l")
    assert "pen-1" in caught.value.hint


@cache
def ruled() -> Result:
    table, _ = variant_catalog(disciplined=False)
    table["batch"] = [f"b{k % 7}" for k in range(len(table))]
    table["lot"] = [f"l{k // 2}" if k < 6 else None for k in range(len(table))]
    levels = {
        "exact": MatchDefinition("exact", must=(Rule("lot", "equal"),)),
        "variant": MatchDefinition(
            "variant", ("colour", "size"), cannot=(Rule("batch", "differ"),)
        ),
    }
    kinds = {"title": Kind.TEXT, "type": Kind.CATEGORY, "price": Kind.PRICE}
    config = Config(match=levels, attributes=kinds, threads=1, quality="fast")
    return Linker(config).match(table)


def test_a_rule_that_fired_is_named() -> None:
    result = ruled()
    pairs = result.pairs
    row = pairs[(pairs["variant_score"] == 0.0) & ~pairs["variant_match"]].iloc[0]
    variant = pair_of(result, row["left_id"], row["right_id"]).definitions[-1]
    (rule,) = [rule for rule in variant.rules if rule.declared]
    assert rule.effect == "cannot"
    assert rule.rule.startswith("cannot batch differ")
    assert variant.verdict.startswith("No match by a rule")
    assert any("sets the score to 0" in note for note in variant.notes)
    exact = pair_of(result, row["left_id"], row["right_id"]).definitions[0]
    assert [rule.rule for rule in exact.rules] == [rule.rule], "it holds under stricter ones too"


def test_a_declared_match_is_one_by_rule() -> None:
    table = ruled().tables[0].to_pandas()
    lots = table.dropna(subset="lot").groupby("lot")["id"].apply(list)
    batch = table.set_index("id")["batch"]
    assert len(lots) == 3
    for a, b in lots:
        exact = pair_of(ruled(), a, b).definitions[0]
        must = [rule for rule in exact.rules if rule.effect == "must"]
        assert must
        if exact.match:
            assert exact.verdict.startswith("They match by a rule")
        else:
            assert batch[a] != batch[b], "cannot wins, from the looser definition too"
