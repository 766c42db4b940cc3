"""Making the groups of cheap features: in order, and without keeping what they copy."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import oracles
import pytest

from features.compare.cheap_features import feature_group_makers, make_feature_groups
from features.prepare import prepare


@pytest.mark.parametrize("threads", [1, 2])
def test_sets_are_let_go_of_once_they_are_copied(threads: int) -> None:
    records = prepare(oracles.make_catalog(60))
    rows = np.random.default_rng(0).permutation(60)
    expected = [group.names for group in make_feature_groups(feature_group_makers(records, rows))]
    words = [records.words, *(one.words for one in records.attributes.values() if one.words)]
    held = [weakref.ref(sets) for sets in words]
    makers = feature_group_makers(records, rows)
    del records, words
    gc.collect()
    assert all(one() is not None for one in held)
    made = make_feature_groups(makers, threads)
    assert makers == []
    gc.collect()
    assert [one() for one in held] == [None] * len(held)
    assert [group.names for group in made] == expected
