"""Average link over sparse edges, against plain Python and scipy."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from average_link_oracle import cluster, graphs, oracle
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from linkage.clustering.average_link import REASONS, average_link


@settings(deadline=None)  # compiles on first use
@given(graphs(), st.sampled_from([0.1, 0.3, 0.5, 0.8]))
def test_agrees_with_plain_python(graph: tuple, threshold: float) -> None:
    got = cluster(*graph, threshold=threshold)
    assert got.labels.tolist() == oracle(*graph, threshold=threshold)


@settings(deadline=None)  # compiles on first use
@given(graphs(coarse=True), st.sampled_from([0.1, 0.3, 0.5, 0.8]))
def test_ties_go_to_the_first_edge(graph: tuple, threshold: float) -> None:
    got = cluster(*graph, threshold=threshold)
    assert got.labels.tolist() == oracle(*graph, threshold=threshold)


def test_a_merged_pair_of_clusters_keeps_its_first_edge() -> None:
    # 1 and 3 merge; 0 is then tied between them, by the edges to 1 and 3, and 2.
    edges = {(0, 1): 0.4, (0, 2): 0.5, (0, 3): 0.6, (1, 3): 1.0}
    assert cluster(4, edges).labels.tolist() == oracle(4, edges) == [0, 0, 1, 0]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_constraints_agree_with_plain_python(data: st.DataObject) -> None:
    n, edges = data.draw(graphs(coarse=data.draw(st.booleans())))
    pairs = list(itertools.combinations(range(n), 2))
    cannot = data.draw(st.lists(st.sampled_from(pairs), max_size=4)) if pairs else []
    side = data.draw(st.none() | st.lists(st.integers(-1, 3), min_size=n, max_size=n))
    largest = data.draw(st.none() | st.integers(1, 5))
    got = cluster(
        n,
        edges,
        threshold=0.3,
        max_cluster_size=largest,
        cannot=tuple(np.array(cannot, dtype=np.int64).reshape(-1, 2).T),
        side=None if side is None else np.array(side),
        one_per_side=side is not None,
    )
    labels = got.labels.tolist()
    assert labels == oracle(
        n, edges, threshold=0.3, largest=largest, cannot=tuple(cannot), side=side
    )
    assert largest is None or np.bincount(labels).max() <= largest
    assert all(labels[a] != labels[b] for a, b in cannot)
    assert sum(got.cuts.counts.values()) == len(got.cuts.reason)


@pytest.mark.parametrize("n", [2, 5, 30, 120])
@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.6])
def test_complete_graphs_agree_with_scipy(n: int, threshold: float) -> None:
    score = np.random.default_rng(n).random(n * (n - 1) // 2)
    left, right = np.triu_indices(n, 1)
    got = average_link(n, left, right, score, threshold=threshold).labels
    distance = 1 - score
    assert (squareform(distance)[left, right] == distance).all()
    expected = fcluster(linkage(distance, "average"), 1 - threshold, "distance")
    assert len(set(zip(got, expected, strict=True))) == len(set(got)) == len(set(expected))


@settings(deadline=None)  # compiles on first use
@given(graphs(coarse=True), st.randoms())
def test_order_and_direction_of_edges_make_no_difference(graph: tuple, random) -> None:
    n, edges = graph
    items = list(edges.items())
    random.shuffle(items)
    turned = {pair[:: random.choice([1, -1])]: score for pair, score in items}
    a, b = cluster(n, edges), cluster(n, turned)
    assert a.labels.tolist() == b.labels.tolist()
    assert a.confidence.tolist() == b.confidence.tolist()
    assert a.weakest.score.tolist() == b.weakest.score.tolist()
    assert a.weakest.left.tolist() == b.weakest.left.tolist()


@settings(deadline=None)  # compiles on first use
@given(st.permutations(range(8)), st.integers(0, 1000))
def test_renumbering_records_makes_no_difference(order: list[int], seed: int) -> None:
    score = np.random.default_rng(seed).random(28)  # no ties
    left, right = np.triu_indices(8, 1)
    new = np.array(order)
    a = average_link(8, left, right, score, threshold=0.5)
    b = average_link(8, new[left], new[right], score, threshold=0.5)
    assert len(set(zip(a.labels, b.labels[new], strict=True))) == len(set(a.labels))
    assert len(set(a.labels)) == len(set(b.labels))
    assert a.confidence.tolist() == b.confidence[new].tolist()


@settings(deadline=None)  # compiles on first use
@given(graphs(coarse=True), st.data())
def test_weights_stand_for_records_that_are_together(graph: tuple, data) -> None:
    n, edges = graph
    weight = data.draw(st.lists(st.integers(1, 4), min_size=n, max_size=n))
    largest = data.draw(st.none() | st.integers(1, 8))
    got = cluster(n, edges, weight=np.array(weight, int), max_cluster_size=largest)
    rows = [[sum(weight[:k]) + j for j in range(weight[k])] for k in range(n)]
    spread = {
        (i, j): score for (a, b), score in edges.items() for i in rows[a] for j in rows[b]
    }  # fmt: skip
    start = [k for k in range(n) for _ in rows[k]]
    expected = oracle(sum(weight), spread, largest=largest, start=start)
    assert np.repeat(got.labels, weight).tolist() == expected
    for label in set(got.labels.tolist()):
        members = [k for k in range(n) if got.labels[k] == label]
        shown = [
            (weight[a] * weight[b], edges.get((a, b), edges.get((b, a), 0.05)))
            for a, b in itertools.combinations(members, 2)
        ]
        mean = sum(w * s for w, s in shown) / sum(w for w, _ in shown) if shown else 1.0
        assert got.confidence[members[0]] == pytest.approx(mean, abs=1e-5)


def test_missing_pairs_are_weak_evidence_against() -> None:
    chain = {(0, 1): 0.9, (1, 2): 0.9}
    assert cluster(3, chain, threshold=0.5).labels.tolist() == [0, 0, 1]
    assert cluster(3, chain, threshold=0.47).labels.tolist() == [0, 0, 0]  # (0.9 + 0.05) / 2
    assert cluster(3, chain, threshold=0.47, missing_score=0.0).labels.tolist() == [0, 0, 1]


def test_a_score_at_the_threshold_merges() -> None:
    for score in (0.1, 0.3, 0.7, 0.9, 1.0):
        assert cluster(2, {(0, 1): score}, threshold=score).labels.tolist() == [0, 0]


def test_the_best_of_a_repeated_pair_counts() -> None:
    pairs = np.array([0, 1, 0]), np.array([1, 0, 1])
    got = average_link(2, *pairs, np.array([0.2, 0.9, 0.4]), threshold=0.5)
    assert got.labels.tolist() == [0, 0]
    assert got.confidence == pytest.approx(0.9)


def test_cannot_holds_through_chains_and_is_reported() -> None:
    edges = {(0, 1): 0.99, (1, 2): 0.98, (2, 3): 0.97, (0, 2): 0.9, (1, 3): 0.9, (0, 3): 0.9}
    assert set(cluster(4, edges).labels) == {0}
    got = cluster(4, edges, cannot=(np.array([3]), np.array([0])))
    assert got.labels.tolist() == [0, 0, 1, 1]
    assert got.cuts.counts == {"max_cluster_size": 0, "cannot": 1, "one_per_side": 0}
    assert got.cuts.clusters["cannot"] == [0, 1]
    assert REASONS[got.cuts.reason[0]] == "cannot"
    assert (got.cuts.left[0], got.cuts.right[0]) == (0, 2)
    assert got.cuts.score[0] == pytest.approx((0.98 + 3 * 0.9) / 4)


def test_a_cannot_pair_without_an_edge_holds() -> None:
    edges = {(0, 1): 1.0, (1, 2): 1.0}
    got = cluster(3, edges, threshold=0.3, cannot=(np.array([0]), np.array([2])))
    assert got.labels.tolist() == [0, 0, 1]


def test_max_cluster_size_is_reported() -> None:
    edges = dict.fromkeys(itertools.combinations(range(5), 2), 0.9)
    got = cluster(5, edges, max_cluster_size=2)
    assert np.bincount(got.labels).tolist() == [2, 2, 1]
    assert got.cuts.counts["max_cluster_size"] == 4  # of 0 and 1 with 2, 3, 4; of 2 and 3 with 4
    assert got.cuts.clusters["max_cluster_size"] == [0, 1, 2]
    assert got.cuts.score == pytest.approx(0.9)


def test_one_record_per_side() -> None:
    edges = {(0, 2): 0.9, (1, 2): 0.95, (0, 3): 0.6}
    side = np.array([0, 0, 1, 1])
    got = cluster(4, edges, side=side, one_per_side=True)
    assert got.labels.tolist() == [0, 1, 1, 0]
    unknown = cluster(3, {(0, 1): 0.9}, side=np.array([-1, -1, -1]), one_per_side=True)
    assert unknown.labels.tolist() == [0, 0, 1]


def test_looser_clusters_grow_from_the_strict_ones() -> None:
    strict = np.array([7, 7, 3, 3, 5])
    edges = {(0, 2): 0.9, (1, 2): 0.8, (0, 3): 0.7, (1, 3): 0.6, (0, 4): 0.9}
    got = cluster(5, edges, start=strict)
    assert got.labels.tolist() == [0, 0, 0, 0, 1]
    assert cluster(5, {}, start=strict).labels.tolist() == [0, 0, 1, 1, 2]
    assert cluster(5, edges, start=strict, max_cluster_size=3).labels.tolist() == [0, 0, 1, 1, 2]


@settings(deadline=None)  # compiles on first use
@given(graphs(), st.floats(0.06, 1), st.floats(0.06, 1))
def test_nesting(graph: tuple, one: float, other: float) -> None:
    strict = cluster(*graph, threshold=max(one, other))
    loose = cluster(*graph, threshold=min(one, other), start=strict.labels)
    assert len(set(zip(strict.labels, loose.labels, strict=True))) == len(set(strict.labels))


def test_a_hub_of_fifty_thousand() -> None:
    n = 50_001
    hub, leaves = np.zeros(n - 1, int), np.arange(1, n)
    got = average_link(n, hub, leaves, np.full(n - 1, 0.9), threshold=0.5)
    assert np.bincount(got.labels).max() == 2
    assert got.labels[:2].tolist() == [0, 0]
    score = np.random.default_rng(0).random(n - 1)
    low = average_link(n, hub, leaves, score, threshold=0.001, missing_score=0.0)
    assert np.bincount(low.labels).max() > 400


def test_a_chain_of_twenty_thousand_records_in_cliques() -> None:
    cliques, size = 1000, 20
    i, j = np.triu_indices(size, 1)
    offset = np.arange(cliques)[:, None] * size
    links = np.arange(1, cliques) * size
    left = np.concatenate([(i + offset).ravel(), links - 1])
    right = np.concatenate([(j + offset).ravel(), links])
    got = average_link(cliques * size, left, right, np.full(len(left), 0.95), threshold=0.5)
    bound = average_link(
        cliques * size, left, right, np.full(len(left), 0.95), threshold=0.5, max_cluster_size=7
    )
    # Links are as good as any edge; records before a link may be paired across it first.
    assert np.bincount(got.labels).max() <= size
    assert len(set(got.labels)) <= 2 * cliques
    assert np.bincount(bound.labels).max() <= 7
    assert bound.cuts.counts["max_cluster_size"] > 0


def test_empty_inputs() -> None:
    assert cluster(0, {}).labels.tolist() == []
    got = cluster(3, {})
    assert got.labels.tolist() == [0, 1, 2]
    assert got.confidence.tolist() == [1, 1, 1]
    assert len(got.weakest.label) == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threshold": 0.05}, "threshold must be above missing_score"),
        ({"threshold": 0.05 + 1e-12}, "threshold must be above missing_score"),
        ({"threshold": float("nan")}, "threshold must be above missing_score"),
        ({"threshold": 1.5}, "at most 1, got 1.5"),
        ({"missing_score": -0.1}, "missing_score must be in"),
        ({"max_cluster_size": 0}, "max_cluster_size must be at least 1, got 0"),
        ({"one_per_side": True}, "one_per_side needs the side"),
        ({"across": True}, "across needs the side"),
        ({"across": True, "side": np.array([0, -1, 1])}, "across needs a known side, got -1"),
        ({"across": True, "side": np.arange(3)}, "across is for two sides, got 3"),
        ({"one_per_side": True, "side": np.zeros(2)}, "side has 2 values for 3 records"),
        ({"cannot": (np.array([0]), np.array([3]))}, "outside 0..2"),
        ({"cannot": (np.array([1]), np.array([1]))}, "record 1 to itself"),
        (
            {"cannot": (np.array([0]), np.array([2])), "start": np.array([1, 0, 1])},
            "records 0 and 2 are a cannot pair",
        ),
    ],
)
def test_bad_options(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        cluster(3, {(0, 1): 0.9}, **options)


@pytest.mark.parametrize("score", [float("nan"), -0.1, 1.1, 3.0])
def test_scores_must_be_probabilities(score: float) -> None:
    with pytest.raises(ValueError, match=r"probabilities in \[0, 1\]"):
        cluster(2, {(0, 1): score})
    with pytest.raises(ValueError, match="differ in length"):
        average_link(2, np.array([0]), np.array([1]), np.array([0.5, 0.5]), threshold=0.5)
