"""Collecting records into a leaderboard."""

from __future__ import annotations

import json

import pytest
from boards import ENVIRONMENT, board, outcome, published, record

from linkage.challenge.leaderboard import collect, failures, outcomes
from linkage.challenge.settings import ChallengeSettings


def test_averages_are_by_protocol() -> None:
    found = board(
        record("a", outcome("pair split", [0.8, 0.9]), outcome("end to end, no labels", [0.2])),
        record("b", outcome("pair split", [0.95])),
        record("c", outcome("pair split", None)),
        record("d", {"protocol": "pair split", "error": "no."}),
    )
    first, second = found["averages"]
    assert first["protocol"] == found["headline"] == "pair split"
    assert first["f1"] == pytest.approx((0.85 + 0.95) / 2)
    assert (first["tasks"], first["failed"]) == (2, 1)
    assert (second["f1"], second["tasks"]) == (0.2, 1)
    assert list(found["protocols"]) == ["pair split", "end to end, no labels"]


def test_records_by_name_with_published_figures_beside() -> None:
    rivals = [published("A", 80.0), published("B", 70.0, "all pairs")]
    split = outcome("pair split", [0.9])
    found = board(
        record("b", split, published=rivals),
        record("a", split, outcome("end to end, no labels", [0.5]), published=rivals),
    )
    assert [task["task"] for task in found["tasks"]] == ["a", "b"]
    best = [one["best_published"]["system"] for one in found["tasks"][0]["protocols"]]
    assert best == ["A", "B"]
    assert "best_published" not in split, "what was given is not changed"
    assert found["tasks"][0]["published"] == rivals
    assert found["seconds"] == 6.0


def test_a_running_board_says_what_is_to_come() -> None:
    settings = ChallengeSettings().identity()
    found = collect([record("a"), record("b")], settings, ["b", "c"])
    assert (found["state"], found["pending"]) == ("running", ["c"])
    assert collect([], settings)["state"] == "finished"
    assert collect([], settings)["averages"] == []


def test_environments_are_named_once_each() -> None:
    other = {**ENVIRONMENT["hardware"], "cpu": "Another"}
    found = board(
        record("a"), record("b"), record("c", hardware=other), {"task": "d", "error": "e"}
    )
    assert [one["hardware"]["cpu"] for one in found["environments"]] == ["Some CPU", "Another"]
    assert "hardware" not in found["tasks"][0]


def test_it_is_strict_json() -> None:
    found = board(record("a", outcome("pair split", [float("nan")])))
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_failures_and_outcomes() -> None:
    good, bad = outcome("pair split", [1.0]), {"protocol": "end to end, no labels", "error": "no."}
    assert failures(record("a", good)) == []
    assert failures(record("a", good, bad, error="killed.")) == [
        ("", "killed."),
        ("end to end, no labels", "no."),
    ]
    assert failures({"task": "a", "error": "unreadable."}) == [("", "unreadable.")]
    found = board(record("a", good, bad))
    assert [task["task"] for task, _ in outcomes(found, "pair split")] == ["a"]
    assert outcomes(found, "end to end, no labels") == []
