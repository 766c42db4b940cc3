"""The locality order is a permutation in which records that share words are neighbours."""

from __future__ import annotations

import numpy as np

from blocking.locality import locality_order
from features.text.sets import rarity, sparse_sets


def test_records_of_one_word_are_neighbours() -> None:
    rng = np.random.default_rng(0)
    n = 3000
    group = rng.permutation(np.repeat(np.arange(30), n // 30))
    # A word of the group, one that all have, one of the record alone.
    ids = np.column_stack([group, np.full(n, 30), 31 + np.arange(n)]).ravel()
    frequency = np.bincount(ids)
    words = sparse_sets(np.arange(0, 3 * n + 1, 3), ids, n + 31, lambda t: rarity(frequency[t], n))
    position = locality_order(words)
    assert np.array_equal(np.sort(position), np.arange(n))
    in_order = group[np.argsort(position)]
    assert np.sum(in_order[1:] != in_order[:-1]) == 29


def test_records_without_words_have_positions() -> None:
    nothing = sparse_sets(np.zeros(5, np.int64), np.zeros(0, np.int32), 1)
    assert np.array_equal(np.sort(locality_order(nothing)), np.arange(4))
