"""Clusters of a run seen from a record: the path that joined two of them, what is near outside."""

from __future__ import annotations

import pandas as pd
import pytest

from linkage.explanation.data.clusters_view import joining_path, view_cluster
from linkage.explanation.data.findings import RecordView
from linkage.explanation.data.run_view import Key, RunView

#: Two levels: a-b and c-d are exact; the rest is joined as variants.
PAIRS = [
    # left, right, exact score, variant score
    ("a", "b", 0.95, 0.99),
    ("b", "c", 0.20, 0.70),
    ("a", "c", None, 0.30),
    ("c", "d", 0.90, None),
    ("d", "e", 0.10, 0.60),
    ("e", "f", 0.05, 0.40),
]
CLUSTERS = {"a": "aa", "b": "aa", "c": "ca", "d": "ca", "e": "ea", "f": "ff"}


@pytest.fixture
def view() -> RunView:
    pairs = pd.DataFrame(PAIRS, columns=["left_id", "right_id", "exact_score", "variant_score"])
    for name in ("exact", "variant"):
        pairs[f"{name}_blockers"] = "codes+rare words"
    clusters = pd.DataFrame({"id": list("fedcba")})
    clusters["exact_id"] = [CLUSTERS[record][0] for record in clusters["id"]]
    clusters["variant_id"] = ["f", "a", "a", "a", "a", "a"]
    for name in ("exact", "variant"):
        clusters[f"{name}_confidence"] = 0.8
    ignored = {"exact": [], "variant": ["size"]}
    run = {"definitions": {n: {"threshold": 0.5, "ignore": i} for n, i in ignored.items()}}
    return RunView(pairs, clusters, run)


def record(key: Key) -> RecordView:
    return RecordView(key[1], key[0], {"id": key[1]})


def at(view: RunView, record_id: str) -> int:
    return view.position(view.find(record_id))


def test_the_path_takes_the_strongest_way(view: RunView) -> None:
    path = joining_path(view, "variant", at(view, "a"), at(view, "e"))
    assert path is not None
    steps = [(edge.left_id, edge.right_id, edge.definition) for edge in path.edges]
    assert steps == [
        ("a", "b", "variant"),
        ("b", "c", "variant"),
        ("c", "d", "exact"),
        ("d", "e", "variant"),
    ], "not the weak a-c; c-d was joined by the stricter definition"
    assert path.weakest == 3
    assert path.edges[0].blockers == ["codes", "rare words"]


def test_each_edge_of_a_path_starts_where_the_one_before_ended(view: RunView) -> None:
    path = joining_path(view, "variant", at(view, "d"), at(view, "b"))
    assert path is not None
    assert [(edge.left_id, edge.right_id) for edge in path.edges] == [("d", "c"), ("c", "b")]


def test_stricter_pairs_count_within_stricter_clusters_only(view: RunView) -> None:
    pairs = view.pairs.copy()
    pairs.loc[pairs["left_id"] == "d", "variant_score"] = None
    cut = RunView(pairs, view.clusters, view.run)
    assert joining_path(cut, "variant", at(view, "a"), at(view, "e")) is None


def test_a_cluster_from_one_of_its_records(view: RunView) -> None:
    found = view_cluster(view, "variant", at(view, "c"), record)
    assert [member.record.id for member in found.members] == ["c", "a", "b", "d", "e"]
    assert found.size == 5
    assert [edge.score for edge in found.edges] == [0.99, 0.70, 0.60, 0.30]
    assert found.weakest is not None
    assert found.weakest.score == 0.60, "0.30 holds nothing together"
    assert [(edge.left_id, edge.right_id) for edge in found.outside] == [("e", "f")]
    mean = {member.record.id: member.mean_score for member in found.members}
    assert mean["c"] == pytest.approx(0.5)
    assert mean["d"] == pytest.approx(0.6)


def test_a_record_alone(view: RunView) -> None:
    found = view_cluster(view, "exact", at(view, "f"), record)
    assert found.size == 1
    assert found.edges == []
    assert found.weakest is None
    assert [edge.score for edge in found.outside] == [0.05]


def test_rivals_are_the_best_others(view: RunView) -> None:
    rivals = view.rivals("variant", (at(view, "a"), at(view, "b")))
    assert [(r.of, r.id, r.score, r.match) for r in rivals] == [
        ("left", "c", 0.30, True),
        ("right", "c", 0.70, True),
    ]
