"""Comparing what records state once values mean the same."""

from __future__ import annotations

import numpy as np
from prepared import statements

from features.compare.synonyms import StatementFeatures, Synonyms, synonym_lines


def test_agree_differ_unknown() -> None:
    rows = [["grey"], ["gray"], ["red"], [], ["gray", "red"]]
    synonyms = Synonyms({"colour": [["grey", "gray"]]})
    group = StatementFeatures(statements(rows), synonyms)
    left, right = np.array([0, 0, 0, 0, 1]), np.array([1, 2, 3, 4, 4])
    found = group.compare(left.astype(np.int32), right.astype(np.int32))
    np.testing.assert_array_equal(found[:, 0], [1, 0, np.nan, 1, 1])
    np.testing.assert_array_equal(found[:, 1], [1, 0, np.nan, 0.5, 0.5])
    assert group.names == ["colour.stated_agreement", "colour.stated_jaccard"]


def test_the_order_in_memory_does_not_matter() -> None:
    group = StatementFeatures(statements([["grey"], ["red"], [], ["red", "grey"]]), Synonyms())
    rows = np.array([2, 0, 3, 1])
    left, right = np.triu_indices(4, 1)
    position = np.argsort(rows)
    np.testing.assert_array_equal(
        group.reordered(rows).compare(position[left], position[right]), group.compare(left, right)
    )


def test_values_of_no_group_mean_themselves() -> None:
    meaning = Synonyms({"colour": [["grey", "gray"]]}).meanings("colour", ["gray", "red", "grey"])
    assert meaning[0] == meaning[2] != meaning[1]
    assert len(set(Synonyms().meanings("size", ["a", "b"]))) == 2


def test_a_summary_is_short() -> None:
    groups = {"colour": [["a", "b", "c", "d", "e", "f"], ["g", "h"], ["i", "j"], ["k", "l"]]}
    assert synonym_lines(groups) == [
        "same colour: a = b = c = d = 2 more; g = h; i = j; 1 more group"
    ]
    assert synonym_lines({}) == []
