"""The feature matrix: symmetric, whole, and the same whatever the chunk and the threads."""

from __future__ import annotations

import numpy as np
import oracles
import pytest

from features.compare.comparer import Comparer, direction
from features.feature_names import measure_of
from features.kinds import Kind
from features.prepare import PreparedRecords, prepare

#: Features without an upper bound, or that say how much rather than how alike.
UNBOUNDED = {"rarest_shared", "shared_rarity", "common"}


CODES = ("shared_rarity", "none_shared")


def make_vectors(n: int) -> np.ndarray:
    vectors = np.random.default_rng(1).normal(size=(n, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors[::7] = 0
    return vectors


@pytest.fixture(scope="module")
def records() -> PreparedRecords:
    return prepare(oracles.make_catalog(40, seed=3))


@pytest.fixture(scope="module")
def matrix(records: PreparedRecords) -> np.ndarray:
    comparer = Comparer(records, vectors={"text": make_vectors(40)})
    return comparer.compare(*oracles.all_pairs(40))


def test_one_column_a_name(records: PreparedRecords, matrix: np.ndarray) -> None:
    names = Comparer(records, vectors={"text": make_vectors(40)}).names
    assert matrix.shape == (1600, len(names))
    assert matrix.dtype == np.float32
    assert len(set(names)) == len(names)
    assert {"title.idf_cosine", "price.log_ratio", "codes:conflict", "gtin.equal"} <= set(names)
    assert names[-1] == "text.embedding_cosine"
    assert not np.any(np.isinf(matrix))


def test_every_feature_knows_something(records: PreparedRecords, matrix: np.ndarray) -> None:
    names = Comparer(records, vectors={"text": make_vectors(40)}).names
    constant = [name for name, column in zip(names, matrix.T, strict=True) if not varies(column)]
    assert constant == []


def varies(column: np.ndarray) -> bool:
    return len(np.unique(column[~np.isnan(column)])) > 1


def test_sides_do_not_matter(matrix: np.ndarray) -> None:
    square = matrix.reshape(40, 40, -1)
    np.testing.assert_array_equal(square, square.transpose(1, 0, 2))


@pytest.mark.parametrize("chunk", [1, 7, 1000])
@pytest.mark.parametrize("threads", [1, 3])
def test_neither_chunks_nor_threads_matter_to_cheap_features(
    records: PreparedRecords, chunk: int, threads: int
) -> None:
    some = np.arange(0, 1600, 1 if chunk > 1 else 40)
    left, right = (side[some] for side in oracles.all_pairs(40))
    whole = Comparer(records, cheap=True).compare(left, right)
    comparer = Comparer(records, cheap=True, threads=threads, chunk=chunk)
    np.testing.assert_array_equal(comparer.compare(left, right), whole)
    sums = dict(comparer.stream(left, right, lambda pairs, part: float(np.nansum(part))))
    assert list(sums) == list(range(0, len(left), chunk))
    assert sum(sums.values()) == pytest.approx(float(np.nansum(whole)), rel=1e-5)


@pytest.mark.parametrize("chunk", [1, 7, 1000])
@pytest.mark.parametrize("threads", [1, 3])
def test_neither_chunks_nor_threads_matter(
    records: PreparedRecords, matrix: np.ndarray, chunk: int, threads: int
) -> None:
    some = np.arange(0, 1600, 1 if chunk > 1 else 40)
    left, right = (side[some] for side in oracles.all_pairs(40))
    vectors = {"text": make_vectors(40)}
    comparer = Comparer(records, vectors=vectors, threads=threads, chunk=chunk)
    np.testing.assert_array_equal(comparer.compare(left, right), matrix[some])


def test_chunks_come_in_order(records: PreparedRecords) -> None:
    left, right = oracles.all_pairs(40)
    parts = list(Comparer(records, chunk=700).stream(left, right, lambda pairs, part: pairs))
    assert [(start, len(pairs)) for start, pairs in parts] == [(0, 700), (700, 700), (1400, 200)]
    np.testing.assert_array_equal(np.concatenate([p for _, p in parts]), np.arange(1600))
    assert Comparer(records).compare(left[:0], right[:0]).shape[0] == 0


def test_a_record_is_wholly_like_itself(records: PreparedRecords) -> None:
    comparer = Comparer(records)
    row = np.arange(40, dtype=np.int32)
    for name, column in zip(comparer.names, comparer.compare(row, row).T, strict=True):
        known = column[~np.isnan(column)]
        if direction(name) < 0:
            assert known == pytest.approx(0, abs=1e-5), name
        elif measure_of(name) not in UNBOUNDED:
            assert known == pytest.approx(1, abs=1e-5), name


def test_similarities_are_between_zero_and_one(
    records: PreparedRecords, matrix: np.ndarray
) -> None:
    for name, column in zip(Comparer(records).names, matrix.T, strict=False):
        if direction(name) >= 0 and name != "quantities:common":
            assert np.nanmin(column) >= 0, name
            assert np.nanmax(column) <= 1, name


def test_beside_an_empty_record_everything_is_unknown() -> None:
    cells = {name: [None, None] for name in oracles.CATALOG_KINDS}
    full = oracles.make_catalog(30)
    for name in cells:
        known = [cell for cell in full.table[name].to_pylist() if cell is not None]
        cells[name] = [known[0], known[1], None]
    records = prepare(oracles.make_records(cells, oracles.CATALOG_KINDS))
    comparer = Comparer(records)
    found = comparer.compare(np.int32([0]), np.int32([2]))[0]
    known = [name for name, value in zip(comparer.names, found, strict=True) if value == value]
    # But that it does not have the marks (refurbished, Pro) of the other.
    assert [name for name in known if not name.endswith(":coverage")] == []


def test_the_order_in_memory_does_not_matter(records: PreparedRecords) -> None:
    left, right = oracles.all_pairs(40)
    order = np.random.default_rng(0).permutation(records.n).astype(np.int32)
    found = Comparer(records, cheap=True, locality_order=order).compare(left, right)
    expected = Comparer(records, cheap=True).compare(left, right)
    np.testing.assert_array_equal(found, expected)


def test_cheap_features_are_fewer_and_the_same(
    records: PreparedRecords, matrix: np.ndarray
) -> None:
    cheap = Comparer(records, cheap=True)
    names = Comparer(records).names
    shared = [name for name in cheap.names if name != "codes:none_shared"]
    assert set(shared) < set(names)
    dear = {"ratio", "soft_overlap", "character_cosine"}
    found = {name for name in cheap.names if measure_of(name) in dear}
    assert found == {f"{records.main}.soft_overlap"}
    found = cheap.compare(*oracles.all_pairs(40))
    np.testing.assert_array_equal(
        found[:, [cheap.names.index(name) for name in shared]],
        matrix[:, [names.index(name) for name in shared]],
    )
    rarity, conflict = (found[:, cheap.names.index(f"codes:{n}")] for n in CODES)
    np.testing.assert_array_equal(np.isnan(rarity), np.isnan(conflict))
    np.testing.assert_array_equal(conflict[rarity > 0], 0)
    np.testing.assert_array_equal(conflict[rarity == 0], 1)


def test_other_rows_do_not_matter_once_statistics_are_frozen(records: PreparedRecords) -> None:
    statistics = records.statistics
    statistics.frozen = True
    try:
        catalog = oracles.make_catalog(40, seed=3)
        part = oracles.make_records(
            {n: catalog.table[n].to_pylist()[10:13] for n in catalog.kinds}, catalog.kinds
        )
        left, right = np.int32([0, 0, 1]), np.int32([1, 2, 2])
        alone = Comparer(prepare(part, statistics))
        whole = Comparer(records)
        shared = [name for name in alone.names if name in whole.names]
        a = alone.compare(left, right)[:, [alone.names.index(name) for name in shared]]
        b = whole.compare(left + 10, right + 10)[:, [whole.names.index(name) for name in shared]]
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    finally:
        statistics.frozen = False


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("title.idf_cosine", 1),
        ("gtin.equal", 1),
        ("price.log_ratio", -1),
        ("a.b.log_days", -1),
        ("codes:conflict", -1),
        ("photo.colour_difference", -1),
        ("record:length_ratio", 0),
        ("quantities:common", 0),
    ],
)
def test_directions(name: str, expected: int) -> None:
    assert direction(name) == expected


@pytest.mark.filterwarnings("ignore:column 'c'. 2 of 2 images could not be read")
@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_alone_can_be_compared(kind: Kind) -> None:
    catalog = oracles.make_records({"c": ["red 1 l", "blue 2 l", None]}, {"c": kind})
    comparer = Comparer(prepare(catalog))
    found = comparer.compare(np.int32([0, 0]), np.int32([1, 2]))
    assert found.shape == (2, len(comparer.names))
    assert np.all(np.isnan(found[1]))


def test_what_is_left_of_a_part_is_compared_too(records: PreparedRecords) -> None:
    left, right = oracles.all_pairs(40)
    many = np.tile(left, 12), np.tile(right, 12)  # more than are compared at once
    comparer = Comparer(records, cheap=True)
    found = comparer.compare(*many)
    np.testing.assert_array_equal(found, np.tile(comparer.compare(left, right), (12, 1)))
