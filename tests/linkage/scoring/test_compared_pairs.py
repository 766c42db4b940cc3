"""Compared pairs: parts of them, and neighbour lists that hold no others."""

from types import SimpleNamespace

import numpy as np

from blocking.neighbours import Neighbours
from linkage.scoring.compared_pairs import ComparedPairs


def test_neighbours_of_other_pairs_go_and_the_rest_move_up() -> None:
    index = np.array([[1, 2, 3], [0, 2, -1], [0, 1, 3], [2, 0, -1]], np.int32)
    similarity = np.where(index >= 0, [[0.9, 0.8, 0.7]], 0).astype(np.float32)
    left, right = np.array([0, 0, 1, 0, 2]), np.array([1, 2, 2, 3, 3])
    pairs = ComparedPairs(
        SimpleNamespace(n=4),  # type: ignore[arg-type]
        {"words": Neighbours("words", index, similarity)},
        left, right, np.zeros((5, 1), np.float32), ["a"], np.zeros(5, int),
        np.arange(5, dtype=np.uint64),
    )  # fmt: skip
    alone = pairs.alone(np.array([False, True, False, True, True]))
    np.testing.assert_array_equal(alone.right, [2, 3, 3])
    space = alone.spaces["words"]
    np.testing.assert_array_equal(space.index, [[2, 3, -1], [-1, -1, -1], [0, 3, -1], [2, 0, -1]])
    np.testing.assert_allclose(
        space.similarity, [[0.8, 0.7, 0], [0, 0, 0], [0.9, 0.7, 0], [0.9, 0.8, 0]]
    )
    nothing = pairs.alone(np.zeros(5, bool))
    assert len(nothing) == 0
    assert (nothing.spaces["words"].index == -1).all()
