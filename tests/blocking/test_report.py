"""The blocking report against plain Python, and the alarm that it can raise."""

from __future__ import annotations

import json

import numpy as np
import pytest
from prepared import prepared

from blocking.candidates import Candidates, union
from blocking.key_blocks import BlockNote
from blocking.report import RecallFloorError, blocking_report, check_recall_floor


def rows(*pairs: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    array = np.array(pairs, np.int32).reshape(-1, 2)
    return array[:, 0], array[:, 1]


CANDIDATES = union([("keys", *rows((0, 3), (1, 3), (0, 3))), ("words", *rows((0, 3), (2, 4)))], 6)
TRUTH = rows((3, 0), (4, 2), (2, 5), (2, 5))


def table(n: int, n_left: int | None):
    return prepared({"title": [f"pen {row}" for row in range(n)]}, n_left)


def test_counts_of_a_linkage():
    report = blocking_report(CANDIDATES, table(6, 3), TRUTH)
    assert (report.pairs, report.possible, report.records, report.smaller) == (3, 9, 6, 3)
    assert report.reduction_ratio == pytest.approx(1 - 3 / 9)
    assert (report.true_pairs, report.found_pairs) == (3, 2)
    assert report.completeness == pytest.approx(2 / 3)
    assert report.per_record == pytest.approx(1.0)
    assert (report.mean, report.most) == (1.0, 2)
    assert (report.smaller_mean, report.smaller_most) == (1.0, 1)
    keys, words = report.blockers
    assert (keys.name, keys.pairs, keys.alone, keys.true_pairs, keys.true_alone) == (
        "keys", 2, 1, 1, 0,
    )  # fmt: skip
    assert (words.pairs, words.alone, words.true_pairs, words.true_alone) == (2, 1, 2, 1)
    assert words.completeness == pytest.approx(2 / 3)


def test_the_smaller_table_may_be_the_right_one():
    report = blocking_report(CANDIDATES, table(5, 3), rows((0, 3)))
    assert report.smaller == 2
    assert report.smaller_most == 2
    assert report.completeness == 1.0


def test_counts_of_one_table():
    report = blocking_report(CANDIDATES, table(6, None).records, TRUTH)
    assert (report.possible, report.smaller) == (15, 6)
    assert report.smaller_mean == report.mean == 1.0
    assert report.per_record == 0.5


def test_without_known_matches_nothing_is_claimed():
    report = blocking_report(CANDIDATES, table(6, 3))
    assert report.completeness is report.true_pairs is report.found_pairs is None
    assert report.blockers[0].true_pairs is None
    check_recall_floor(report, 1.0)


def test_nothing_at_all():
    none = Candidates(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.uint32), [])
    report = blocking_report(none, table(1, None), rows())
    assert (report.pairs, report.possible, report.reduction_ratio) == (0, 0, 0.0)
    assert (report.true_pairs, report.completeness) == (0, None)
    lost = blocking_report(none, table(6, 3), TRUTH)
    assert lost.completeness == 0.0


def test_largest_blocks_are_ordered_and_cut_ones_always_named():
    notes = [("keys", BlockNote(f"block {k}", k + 2, 10 * k, 10 * k, "whole")) for k in range(30)]
    notes += [("words", BlockNote(f"cut {k}", 9, k, 1, "cut")) for k in range(12)]
    report = blocking_report(CANDIDATES, table(6, 3), None, notes)
    assert [note.name for _, note in report.largest_blocks] == [
        f"cut {k}" for k in range(11, -1, -1)
    ]
    report = blocking_report(CANDIDATES, table(6, 3), None, notes[:30])
    assert [note.name for _, note in report.largest_blocks][:2] == ["block 29", "block 28"]
    assert len(report.largest_blocks) == 10


def test_the_report_is_plain_data():
    note = BlockNote('brand word "acme" + code "x100"', 5, 10, 4, "cut")
    plain = blocking_report(CANDIDATES, table(6, 3), TRUTH, [("keys", note)]).to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert plain["largest_blocks"][0]["blocker"] == "keys"
    assert plain["blockers"][1]["true_alone"] == 1


def test_the_floor_refuses_with_the_numbers():
    report = blocking_report(CANDIDATES, table(6, 3), TRUTH)
    check_recall_floor(report, 0.6)
    with pytest.raises(RecallFloorError) as caught:
        check_recall_floor(report, 0.95)
    message = str(caught.value)
    for part in ("2 of 3", "66.67%", "95.00%", "keys 33.3%", "words 66.7%", "Remedy"):
        assert part in message
    assert caught.value.report is report
    assert caught.value.floor == 0.95
    with pytest.raises(ValueError, match="recall_floor"):
        check_recall_floor(report, 1.5)
