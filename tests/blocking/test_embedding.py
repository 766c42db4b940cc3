"""Embedding neighbours against a plain exact search, ties allowed."""

from __future__ import annotations

import numpy as np
import pytest

from blocking.embedding import search_nearest


def unit(values: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(values, axis=1, keepdims=True)
    return (values / np.where(norms > 0, norms, 1)).astype(np.float32)


def clustered(n: int, dimension: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = unit(rng.standard_normal((max(1, n // 8), dimension)))
    noise = rng.standard_normal((n, dimension)) * (0.5 / np.sqrt(dimension))
    return unit(centres[rng.integers(0, len(centres), n)] + noise)


def oracle(vectors: np.ndarray, side: np.ndarray, k: int) -> list[list[int]]:
    cosine = np.round(vectors.astype(np.float64) @ vectors.T.astype(np.float64), 6)
    alive = np.linalg.norm(vectors, axis=1) > 0
    lists = []
    for row in range(len(vectors)):
        others = [
            other
            for other in range(len(vectors))
            if alive[row] and alive[other] and other != row
            and (not side.any() or side[other] != side[row])
        ]  # fmt: skip
        lists.append(sorted(others, key=lambda other: (-cosine[row, other], other))[:k])
    return lists


@pytest.mark.parametrize("linkage", [False, True])
@pytest.mark.parametrize("k", [1, 6])
def test_exact_search_is_the_oracle(linkage, k):
    vectors = clustered(300, 24)
    vectors[::7] = vectors[3]  # many equal rows: ties go by row
    vectors[100:110] = vectors[50:60]
    vectors[5] = vectors[6] = 0
    side = np.zeros(300, np.int8)
    if linkage:
        side[120:] = 1
    found = search_nearest(vectors, side, k)
    index, similarity = found.index, found.similarity
    assert index.shape == similarity.shape == (300, k)
    assert index.dtype == np.int32
    assert similarity.dtype == np.float32
    expected = oracle(vectors, side, k)
    for row in range(300):
        assert index[row][index[row] >= 0].tolist() == expected[row]
        cosine = [float(vectors[row] @ vectors[other]) for other in expected[row]]
        assert similarity[row][: len(cosine)] == pytest.approx(cosine, abs=1e-5)


@pytest.mark.parametrize("dimension", [15, 48])
@pytest.mark.parametrize("linkage", [False, True])
def test_inverted_lists_reach_the_recall_that_they_report(dimension, linkage):
    vectors = clustered(3000, dimension)
    side = np.zeros(3000, np.int8)
    if linkage:
        side[1000:] = 1
    found = search_nearest(vectors, side, 5, recall=0.9, exact_rows=500)
    exact = search_nearest(vectors, side, 5)
    assert {plan.method for plan in exact.plans} == {"exact"}
    assert [plan.method for plan in found.plans] == ["inverted lists"] * (1 + linkage)
    for plan in found.plans:
        assert plan.recall >= 0.9
        assert 1 <= plan.probes <= plan.lists
        assert plan.to_dict()["indexed"] == plan.indexed
    hits = found.similarity >= exact.similarity[:, -1:] - 1e-6  # ties allowed
    assert hits[found.index >= 0].sum() / hits.size >= 0.85
    if not linkage:
        assert not (found.index == np.arange(3000)[:, None]).any()


def test_a_recall_out_of_reach_falls_back_on_exact_search():
    vectors = unit(np.random.default_rng(0).standard_normal((1500, 64)))
    found = search_nearest(vectors, np.zeros(1500, np.int8), 10, recall=1.0, exact_rows=100)
    exact = search_nearest(vectors, np.zeros(1500, np.int8), 10)
    assert found.plans[0].recall == 1.0
    if found.plans[0].method == "exact":
        assert np.array_equal(found.index, exact.index)


@pytest.mark.parametrize("exact_rows", [50_000, 500])
def test_threads_change_nothing(exact_rows):
    vectors = clustered(2000, 32)
    side = np.zeros(2000, np.int8)
    one = search_nearest(vectors, side, 8, threads=1, exact_rows=exact_rows)
    two = search_nearest(vectors, side, 8, threads=2, exact_rows=exact_rows)
    assert np.array_equal(one.index, two.index)
    assert np.array_equal(one.similarity, two.similarity)


@pytest.mark.parametrize(
    ("rows", "side"),
    [(0, []), (1, [0]), (3, [0, 0, 0]), (2, [0, 1]), (3, [1, 1, 1])],
)
def test_small_tables(rows, side):
    vectors = unit(np.ones((rows, 4)))
    index = search_nearest(vectors, np.array(side, np.int8), 5).index
    assert index.shape == (rows, 5)
    if side == [0, 0, 0]:
        assert index[:, :3].tolist() == [[1, 2, -1], [0, 2, -1], [0, 1, -1]]
    elif side == [0, 1]:
        assert index[:, 0].tolist() == [1, 0]
    else:
        assert (index == -1).all()


def test_progress_ends_at_one():
    shares: list[float] = []
    search_nearest(clustered(50, 8), np.repeat([0, 1], 25), 3, progress=shares.append)
    assert shares == [0.5, 1.0]


@pytest.mark.parametrize(
    ("vectors", "options", "message"),
    [
        (np.ones((3, 2)), {"k": 0}, "k must be"),
        (np.ones((3, 2)), {"k": 1, "recall": 1.5}, "recall"),
        (np.ones((2, 2)), {"k": 1}, "shape"),
        (np.full((3, 2), np.nan), {"k": 1}, "not finite"),
    ],
)
def test_bad_arguments(vectors, options, message):
    with pytest.raises(ValueError, match=message):
        search_nearest(vectors, np.zeros(3, np.int8), **options)
