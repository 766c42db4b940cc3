"""Context gaps against a plain-Python oracle over exact neighbours."""

from __future__ import annotations

import numpy as np
from prepared import prepared

from blocking.context import ContextFeatures, context_feature_groups
from blocking.neighbours import sparse_neighbours, sparse_spaces

_LEFT = ["red steel kettle", "blue steel kettle", "oak table large", None]
_RIGHT = ["kettle red steel", "kettle blue steel", "table oak large round", "lamp"]


def _records():
    return prepared({"title": [*_LEFT, *_RIGHT]}, n_left=len(_LEFT))


def _cosines(records) -> np.ndarray:
    matrix = records.words.matrix().toarray()
    return matrix @ matrix.T


def test_gap_is_the_lead_over_the_best_other_neighbour() -> None:
    records = _records()
    neighbours = sparse_neighbours("words", records.words, records.records.side, 4)
    block = ContextFeatures("words", records.words, neighbours)
    cosines = _cosines(records)
    rights = range(4, 8)
    for i in range(3):
        for j in rights:
            got = block.compare(np.array([i], np.int32), np.array([j], np.int32))[0]
            row = cosines[i, j] - max(cosines[i, k] for k in rights if k != j)
            column = cosines[i, j] - max(cosines[k, j] for k in range(4) if k != i)
            if np.isnan(got[0]):
                continue  # a record without words
            np.testing.assert_allclose(got, [row, column, min(row, column)], atol=1e-5)


def test_true_pairs_lead_and_others_trail() -> None:
    records = _records()
    neighbours = sparse_neighbours("words", records.words, records.records.side, 4)
    block = ContextFeatures("words", records.words, neighbours)
    true = block.compare(np.array([0, 1, 2], np.int32), np.array([4, 5, 6], np.int32))
    false = block.compare(np.array([0, 1], np.int32), np.array([5, 4], np.int32))
    assert (true[:, 2] > 0).all()
    assert (false[:, 2] < 0).all()


def test_records_without_words_are_unknown() -> None:
    records = _records()
    neighbours = sparse_neighbours("words", records.words, records.records.side, 4)
    got = ContextFeatures("words", records.words, neighbours).compare(
        np.array([3], np.int32), np.array([4], np.int32)
    )
    assert np.isnan(got).all()


def test_blocks_are_named_after_their_spaces() -> None:
    records = _records()
    spaces = {
        name: sparse_neighbours(name, sets, records.records.side, 4)
        for name, sets in sparse_spaces(records).items()
    }
    names = [name for block in context_feature_groups(records, spaces) for name in block.names]
    assert names == [
        f"context:{space}_{gap}"
        for space in ("words", "characters", "main_characters")
        for gap in ("row_gap", "column_gap", "min_gap")
    ]
    assert context_feature_groups(records, {}) == []
