"""Metrics, against definitions written out in plain Python."""

from __future__ import annotations

import itertools
import math

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.evaluation.metrics import (
    average_precision,
    closure_of_pairs,
    evaluate_clusters,
    evaluate_pairs,
    evaluate_split,
    expected_calibration_error,
    log_loss,
)

LABELS = st.integers(1, 12).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(0, 4), min_size=n, max_size=n)] * 2)
)


def pairs_of(labels: list[int]) -> set[tuple[int, int]]:
    both = itertools.combinations(range(len(labels)), 2)
    return {(a, b) for a, b in both if labels[a] == labels[b]}


def groups_of(labels: list[int]) -> set[frozenset[int]]:
    return {frozenset(i for i, x in enumerate(labels) if x == label) for label in set(labels)}


def frame(pairs: list[tuple], *columns: str) -> pd.DataFrame:
    return pd.DataFrame(pairs, columns=["left_id", "right_id", *columns])


@given(LABELS)
def test_clusters_agree_with_the_definitions(both: tuple[list[int], list[int]]) -> None:
    predicted, true = both
    got = evaluate_clusters(np.array(predicted), [f"e{label}" for label in true])
    ours, truth = pairs_of(predicted), pairs_of(true)
    assert (got.pairwise.predicted, got.pairwise.true) == (len(ours), len(truth))
    assert got.pairwise.correct == len(ours & truth)
    a, b = groups_of(predicted), groups_of(true)
    assert (got.predicted_clusters, got.true_clusters) == (len(a), len(b))
    assert got.predicted_groups == sum(len(group) > 1 for group in a)
    assert got.true_groups == sum(len(group) > 1 for group in b)
    assert got.exact_clusters == len(a & b)
    assert got.exact_groups == sum(len(group) > 1 for group in a & b)
    precision = recall = 0.0
    for i in range(len(true)):
        mine = {j for j, x in enumerate(predicted) if x == predicted[i]}
        real = {j for j, x in enumerate(true) if x == true[i]}
        precision += len(mine & real) / len(mine) / len(true)
        recall += len(mine & real) / len(real) / len(true)
    assert got.bcubed_precision == pytest.approx(precision)
    assert got.bcubed_recall == pytest.approx(recall)
    assert got.bcubed_f1 == pytest.approx(2 * precision * recall / (precision + recall))


def test_bcubed_by_hand() -> None:
    # Predicted {0, 1, 2} {3, 4}; true {0, 1} {2, 3, 4}.
    got = evaluate_clusters([0, 0, 0, 1, 1], [0, 0, 1, 1, 1])
    assert got.bcubed_precision == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5)
    assert got.bcubed_recall == pytest.approx((1 + 1 + 1 / 3 + 2 / 3 + 2 / 3) / 5)
    assert (got.pairwise.predicted, got.pairwise.true, got.pairwise.correct) == (4, 4, 2)
    assert got.pairwise.precision == got.pairwise.recall == got.pairwise.f1 == 0.5
    assert got.exact_clusters == 0
    assert got.as_dict()["pairwise"]["f1"] == 0.5


def test_a_million_records_in_one_cluster_are_not_enumerated() -> None:
    n = 1_000_000
    got = evaluate_clusters(np.zeros(n, np.int32), np.arange(n) // 2)
    assert got.pairwise.predicted == n * (n - 1) // 2
    assert got.pairwise.correct == n // 2
    assert got.bcubed_precision == pytest.approx(2 / n)


def test_clusters_refuse_bad_labels() -> None:
    with pytest.raises(ValueError, match="2 labels and true has 1"):
        evaluate_clusters([0, 1], [0])
    with pytest.raises(ValueError, match="true lacks the label of record 1"):
        evaluate_clusters([0, 1], ["a", None])
    assert math.isnan(evaluate_clusters([], []).bcubed_f1)


def test_pairs() -> None:
    ours = frame([("a", "x"), ("a", "x"), ("b", "y"), ("c", "z")])
    truth = frame([("a", "x"), ("b", "z"), ("y", "b")])
    got = evaluate_pairs(ours, truth)
    assert (got.predicted, got.true, got.correct) == (3, 3, 1)
    turned = evaluate_pairs(ours, truth, ordered=False)
    assert (turned.predicted, turned.true, turned.correct) == (3, 3, 2)
    assert turned.f1 == pytest.approx(2 / 3)
    assert evaluate_pairs(frame([("1", "1")]), frame([("2", "1")]), ordered=False).predicted == 0
    nothing = evaluate_pairs(ours.iloc[:0], truth)
    assert math.isnan(nothing.precision)
    assert (nothing.recall, nothing.f1) == (0, 0)
    with pytest.raises(ValueError, match="lacks the column 'right_id'"):
        evaluate_pairs(ours.drop(columns="right_id"), truth)


def test_ids_are_compared_as_text() -> None:
    assert evaluate_pairs(frame([(1, 2)]), frame([("1", "2")])).correct == 1


SPLIT = frame([("a", "x", 1), ("a", "y", 0), ("b", "y", 1), ("c", "z", 0)], "label")


def test_split_with_scores_and_threshold() -> None:
    ours = frame([("b", "y", 0.4), ("a", "y", 0.6), ("a", "x", 0.9), ("q", "q", 1.0)], "score")
    got = evaluate_split(SPLIT, ours, threshold=0.5)
    assert (got.predicted, got.true, got.correct) == (2, 2, 1)
    assert got.average_precision == pytest.approx((1 + 2 / 3) / 2)
    assert evaluate_split(SPLIT, ours, threshold=0.3).recall == 1


def test_split_with_matches() -> None:
    ours = frame([("a", "x", True), ("a", "y", True)], "match")
    got = evaluate_split(SPLIT, ours)
    assert (got.predicted, got.correct, got.recall) == (2, 1, 0.5)
    assert got.average_precision is None


@pytest.mark.parametrize(
    ("truth", "predicted", "message"),
    [
        (SPLIT, frame([("a", "x")]), "needs a `match` column"),
        (SPLIT.drop(columns="label"), frame([("a", "x", 1)], "match"), "lacks the column 'label'"),
        (
            SPLIT,
            frame([("a", "x", 1), ("a", "x", 0)], "match"),
            "prediction holds the pair .* more",
        ),
        (frame([("a", "x", "yes")], "label"), frame([("a", "x", 1)], "match"), "got 'yes'"),
        (
            frame([("a", "x", 1)], "label"),
            frame([("a", "x", 1, None)], "match", "score").astype({"score": float}),
            "has no score",
        ),
    ],
)
def test_split_refuses(truth: pd.DataFrame, predicted: pd.DataFrame, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        evaluate_split(truth, predicted)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=15), st.booleans())
def test_closure_agrees_with_networkx(pairs: list[tuple[int, int]], ordered: bool) -> None:
    got = closure_of_pairs(frame(pairs), ordered=ordered)
    graph = nx.Graph()
    graph.add_edges_from(((0, str(a)), (int(ordered), str(b))) for a, b in pairs)
    expected = {frozenset(part) for part in nx.connected_components(graph)}
    rows = zip(got["entity"], zip(got["side"], got["id"], strict=True), strict=True)
    found: dict[int, set] = {}
    for entity, node in rows:
        found.setdefault(entity, set()).add(node)
    assert {frozenset(part) for part in found.values()} == expected
    assert sorted(found) == list(range(len(expected)))


def test_average_precision() -> None:
    assert average_precision([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1]) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision([1, 0, 1, 0], [0.5] * 4) == pytest.approx(0.5)  # ties count together
    assert math.isnan(average_precision([0, 0], [0.1, 0.2]))
    repeated = average_precision([1, 0, 0, 1], [0.9, 0.8, 0.8, 0.7])
    assert average_precision([1, 0, 1], [0.9, 0.8, 0.7], [1, 2, 1]) == pytest.approx(repeated)


def test_log_loss() -> None:
    assert log_loss([1, 0], [0.8, 0.4]) == pytest.approx(-(math.log(0.8) + math.log(0.6)) / 2)
    assert log_loss([1, 0], [0.8, 0.4], [3, 1]) == pytest.approx(
        -(3 * math.log(0.8) + math.log(0.6)) / 4
    )
    assert math.isfinite(log_loss([1], [0.0]))
    assert math.isnan(log_loss([], []))


def test_expected_calibration_error() -> None:
    assert expected_calibration_error([1, 0, 1, 0], [0.5] * 4) == 0
    assert expected_calibration_error([1, 1], [0.75, 0.75]) == pytest.approx(0.25)
    # Two bins: 0.1 with no positive, 0.9 with half of them.
    got = expected_calibration_error([0, 0, 1, 0], [0.1, 0.1, 0.9, 0.9])
    assert got == pytest.approx((2 * 0.1 + 2 * 0.4) / 4)
    assert expected_calibration_error([1], [1.0]) == 0
    with pytest.raises(ValueError, match="without NaN"):
        expected_calibration_error([1], [np.nan])
    with pytest.raises(ValueError, match="bins must be at least 1"):
        expected_calibration_error([1], [0.5], bins=0)
