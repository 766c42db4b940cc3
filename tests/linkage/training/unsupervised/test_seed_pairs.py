"""E-values of pairs, mutual nearest neighbours and identical pairs."""

from __future__ import annotations

import numpy as np
from prepared import prepared

from blocking.neighbours import Neighbours
from linkage.training.unsupervised.seed_pairs import (
    identical_pairs,
    log_e_values,
    mutual_votes,
)


def space(n: int, depth: int, special: dict[tuple[int, int], float]) -> Neighbours:
    """Every record lists ``depth`` others, all of similarity falling from 0.3, some pairs apart."""
    rng = np.random.default_rng(0)
    index = np.full((n, depth), -1, np.int32)
    similarity = np.zeros((n, depth), np.float32)
    for row in range(n):
        found = {
            int(other): 0.3 - 0.01 * rank
            for rank, other in enumerate(rng.permutation(np.delete(np.arange(n), row))[:depth])
        }
        found |= {b: s for (a, b), s in special.items() if a == row}
        found |= {a: s for (a, b), s in special.items() if b == row}
        ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:depth]
        index[row], similarity[row] = zip(*ranked, strict=True)
    return Neighbours("words", index, similarity)


def test_an_unusually_similar_pair_has_a_low_e_value() -> None:
    one = space(40, 20, {(3, 9): 0.95, (4, 11): 0.3})
    left, right = np.array([3, 4]), np.array([9, 11])
    out, usual = log_e_values([one], left, right)
    assert out < -5 < -1 < usual


def test_unlisted_pairs_have_a_high_e_value() -> None:
    one = space(40, 5, {})
    listed = {(row, int(other)) for row in range(40) for other in one.index[row]}
    pairs = [(a, b) for a in range(40) for b in range(a + 1, 40)]
    pairs = [(a, b) for a, b in pairs if (a, b) not in listed and (b, a) not in listed]
    left, right = (np.array(part) for part in zip(*pairs, strict=True))
    assert np.all(log_e_values([one], left, right) == 5)
    assert np.all(log_e_values([], left, right) == 0)


def test_log_e_values_are_means_over_spaces_and_symmetric() -> None:
    a, b = space(40, 20, {(3, 9): 0.95}), space(40, 20, {(5, 6): 0.8})
    left, right = np.array([3, 5, 1]), np.array([9, 6, 2])
    both = log_e_values([a, b], left, right)
    np.testing.assert_allclose(
        both, (log_e_values([a], left, right) + log_e_values([b], left, right)) / 2
    )
    np.testing.assert_allclose(both, log_e_values([a, b], right, left))


def test_a_single_neighbour_gives_no_e_value() -> None:
    lonely = Neighbours("words", np.array([[1], [0]], np.int32), np.ones((2, 1), np.float32))
    assert log_e_values([lonely], np.array([0]), np.array([1])) == [5]


def test_mutual_votes() -> None:
    one = Neighbours("a", np.array([[2], [2], [0], [-1]], np.int32), np.ones((4, 1), np.float32))
    two = Neighbours("b", np.array([[2], [3], [0], [1]], np.int32), np.ones((4, 1), np.float32))
    left, right = np.array([0, 1, 1]), np.array([2, 2, 3])
    assert mutual_votes([one, two], left, right).tolist() == [2, 0, 1]
    assert mutual_votes([], left, right).tolist() == [0, 0, 0]


def test_identical_pairs_share_values_and_gaps() -> None:
    records = prepared(
        {
            "title": ["Red Shoe", "red  shoe", "red shoe", "blue hat", None, None],
            "price": ["1", "1", None, "1", None, None],
        }
    )
    left, right = np.array([0, 0, 0, 4]), np.array([1, 2, 3, 5])
    assert identical_pairs(records, left, right).tolist() == [True, False, False, False]
