"""Explanations as plain data: to JSON and back."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

import pytest

from linkage.explanation.data.codec import from_plain, to_plain
from linkage.explanation.data.findings import (
    ClusterView,
    Edge,
    Member,
    RecordView,
    ScoreExplanation,
    ScorePart,
)
from linkage.explanation.explanations import ClusterExplanation


@dataclass(frozen=True)
class Number:
    value: float | None


def score(opinion: ScoreExplanation | None = None) -> ScoreExplanation:
    parts = [ScorePart("boosters", 1.0, 0.5)]
    return ScoreExplanation(0.5, [], 0.5, [], 0.5, 0.62, 0.5, parts, opinion=opinion)


def test_nested_data_comes_back() -> None:
    one = score(score())
    assert from_plain(ScoreExplanation, json.loads(json.dumps(to_plain(one)))) == one


def test_a_cluster_comes_back() -> None:
    record = RecordView("a", "", {"title": "Pen", "price": None})
    edge = Edge("a", "b", 0.9, "exact", ["codes"])
    view = ClusterView("exact", "a", 0.9, 0.5, 2, [Member(record, 1, 0.9)], [edge], 1, edge, [])
    one = ClusterExplanation(record, [view])
    assert ClusterExplanation.from_dict(json.loads(json.dumps(one.to_dict()))) == one


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_json_lacks_is_none(value: float) -> None:
    assert to_plain(Number(value)) == {"value": None}


def test_a_missing_field_is_named() -> None:
    with pytest.raises(KeyError, match="left_id"):
        from_plain(Edge, {"right_id": "b", "score": 1.0, "definition": "exact"})
    edge = from_plain(Edge, {"left_id": "a", "right_id": "b", "score": 1.0, "definition": "e"})
    assert edge.blockers == []
