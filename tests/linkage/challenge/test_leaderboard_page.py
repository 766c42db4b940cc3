"""The leaderboard as a page."""

from __future__ import annotations

import re
from typing import Any

from boards import board, outcome, published, record

from linkage.challenge.leaderboard import collect
from linkage.challenge.leaderboard_page import render_leaderboard, render_results
from linkage.challenge.protocol_figures import summarise
from linkage.challenge.settings import ChallengeSettings


def one(value: float) -> dict[str, Any]:
    return summarise([value])


def split(f1: list[float]) -> dict[str, Any]:
    return outcome(
        "pair split", f1, precision=one(0.5), recall=one(0.75), average_precision=one(0.625),
        log_loss=one(0.1234), expected_calibration_error=one(0.011), threshold_from="valid",
        labels={"train": {"pairs": 50, "positives": 5}},
    )  # fmt: skip


def rows(page: str, heading: str) -> list[list[str]]:
    """Cells of the table under a heading, escaped bars left in place."""
    part = page.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines]


def cells(page: str, heading: str, row: int) -> list[str]:
    return [cell.strip() for cell in rows(page, heading)[2 + row]]


def test_figures_of_a_pair_split() -> None:
    rivals = [published("Rival", 75.58, "the test split")]
    page = render_leaderboard(
        board(record("a", split([0.9, 0.8]), published=rivals), record("b", split([0.7])))
    )
    assert "**Pair split, test: F1 77.5 on average over 2 tasks.**" in page
    assert cells(page, "Pair split", 0) == (
        ["a", "85.0", "7.1", "50.0", "75.0", "62.5", "0.123", "1.1", "1.5", "75.6 Rival"]
    )
    assert cells(page, "Pair split", 1)[2] == "–", "one seed has no spread"
    assert cells(page, "Pair split", 2)[:2] == ["**average**", "**77.5**"]
    assert "Transductive" in page
    assert "Thresholds chosen on: valid (2 tasks)." in page
    assert cells(page, "Published figures", 0) == ["a", "Rival", "the test split", "–", "75.58"]


def test_protocols_are_kept_apart() -> None:
    whole = outcome(
        "end to end, no labels", [0.5], precision=one(1.0), recall=one(0.3),
        pairs_completeness=0.995, pairs_per_record=14.23,
    )  # fmt: skip
    groups = outcome("group, no labels", [0.5], b_cubed_f1=one(0.8), pairs_per_record=3.0)
    page = render_leaderboard(board(record("a", split([0.9]), whole, groups)))
    assert cells(page, "End to end, no labels", 0) == (
        ["a", "50.0", "100.0", "30.0", "99.5", "14.2", "1.5", "–"]
    )
    assert cells(page, "Group, no labels", 0)[4] == "80.0"
    assert [cells(page, "Averages", row)[2] for row in range(3)] == ["90.0", "50.0", "50.0"]


def test_what_was_done_is_disclosed() -> None:
    leaked = {"test_in_train": 110, "test_in_valid": 0, "removed": True}
    page = render_leaderboard(board(record("a", split([0.9]), leakage=leaked)))
    assert cells(page, "Tasks", 0) == (
        ["a", "1,000 x 2,000", "50 / 20", "110 test in train", "20", "3.0", "512"]
    )
    assert "taken out of train and valid" in page
    assert "Some CPU, 2 of 4 cores, 16.0 GB, no GPU used" in page
    stored = render_leaderboard(board(record("a", split([0.9])), as_stored=True, split="valid"))
    assert "Splits as stored" in stored
    assert "were left in" in stored
    assert "the test split was not looked at" in stored
    running = collect([record("a")], ChallengeSettings().identity(), ["a_b", "c"])
    assert "still to run: a\\_b, c." in render_leaderboard(running)


def test_notes_of_reading_are_listed() -> None:
    noted = record("a", split([0.9]), notes=["test.csv: 1 pair is labelled both 0 and 1."])
    page = render_leaderboard(board(noted, record("b", split([0.7]))))
    assert "- a: test.csv: 1 pair is labelled both 0 and 1." in page
    assert "- b:" not in page


def test_tasks_without_figures_and_failures() -> None:
    blank = record("blank", outcome("pair split", None, pairs=20))
    broken = {"task": "broken", "error": "left.csv: 1 | 2\n  Do that."}
    partly = record("part", {"protocol": "pair split", "error": "no."})
    page = render_leaderboard(board(blank, broken, partly))
    assert cells(page, "Pair split", 0)[:3] == ["blank", "–", "–"]
    assert cells(page, "Failed", 0) == ["broken", "all", "left.csv: 1 \\| 2 Do that."]
    assert cells(page, "Failed", 1) == ["part", "pair split", "no."]
    assert "on average" not in page


def test_no_name_breaks_a_table() -> None:
    evil = "a|b\n| x |\n# <script>`*_[]"
    rival = published(evil, 50.0, evil)
    page = render_leaderboard(
        board(record(evil, split([0.9]), published=[rival], error=evil), record("b", split([0.9])))
    )
    for heading in ("Pair split", "Tasks", "Published figures", "Failed"):
        assert len({len(row) for row in rows(page, heading)}) == 1, heading
    assert "<script>" not in page
    assert not re.search(r"^# <|^\| x", page, re.MULTILINE)


def test_further_tables_of_the_results_page() -> None:
    given = board(record("a", split([0.9])))
    extra = {"title": "Few|labels", "note": "a * b", "columns": ["task", "50"],
             "rows": [["a_b", 0.5], ["c", None]]}  # fmt: skip
    page = render_results({**given, "extra": [extra]})
    assert page.startswith("# Results\n")
    assert "do not edit" in page
    assert "a \\* b" in page
    assert cells(page, "Few\\|labels", 0) == ["a\\_b", "0.5"]
    assert cells(page, "Few\\|labels", 1) == ["c", "–"]
    assert "**Pair split, test: F1 90.0 on average over 1 task.**" in render_results(given)


def test_an_empty_board_has_a_page() -> None:
    assert "0 tasks in 0 s" in render_leaderboard(board())
