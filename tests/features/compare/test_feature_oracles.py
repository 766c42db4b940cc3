"""Every feature group against plain Python, on a catalog of every kind of attribute."""

from __future__ import annotations

from functools import cache

import feature_oracles
import numpy as np
import oracles
import pytest

from features.compare import feature_groups
from features.compare.comparer import Comparer
from features.prepare import prepare

N = 32


@cache
def compared() -> tuple[Comparer, np.ndarray, dict[str, feature_oracles.Oracle]]:
    """A comparer, its features of all pairs, and the oracle of each group by its first name."""
    records = prepare(oracles.make_catalog(N, seed=11))
    comparer = Comparer(records)
    matrix = comparer.compare(*oracles.all_pairs(N))
    made = {b.names[0]: feature_oracles.oracle_of(b, records) for b in comparer.groups}
    return comparer, matrix, made


def test_every_group_has_an_oracle() -> None:
    comparer, _, _ = compared()
    protocols = {
        feature_groups.FeatureGroup,
        feature_groups.InPlaceGroup,
        feature_groups.ReorderableGroup,
    }
    kinds = {getattr(feature_groups, name) for name in feature_groups.__all__} - protocols
    assert set(feature_oracles.ORACLES) == kinds - {feature_groups.VectorFeatures}
    assert {type(group) for group in comparer.groups} == kinds - {feature_groups.VectorFeatures}


@pytest.mark.parametrize("kind", list(feature_oracles.ORACLES), ids=lambda kind: kind.__name__)
def test_groups(kind: type) -> None:
    comparer, matrix, made = compared()
    some = np.random.default_rng(0).permutation(N * N)[:400]
    left, right = (side[some] for side in oracles.all_pairs(N))
    for group in comparer.groups:
        if not isinstance(group, kind):
            continue
        columns = [comparer.names.index(name) for name in group.names]
        oracle = made[group.names[0]]
        expected = [oracle(int(x), int(y)) for x, y in zip(left, right, strict=True)]
        found = matrix[some][:, columns]
        np.testing.assert_allclose(
            found, np.array(expected, float), rtol=1e-4, atol=1e-5, err_msg=group.names[0]
        )
        # A test of nothing but unknown pairs would show nothing.
        assert not np.isnan(found).all(), group.names


def test_vectors() -> None:
    vectors = np.random.default_rng(0).normal(size=(N, 7)).astype(np.float32)
    vectors[3] = 0
    left, right = oracles.all_pairs(N)
    oracle = feature_oracles.vectors(vectors)
    expected = [oracle(int(x), int(y)) for x, y in zip(left, right, strict=True)]
    found = feature_groups.VectorFeatures("text", vectors).compare(left, right)
    np.testing.assert_allclose(found, np.array(expected), rtol=1e-4, atol=1e-5)
