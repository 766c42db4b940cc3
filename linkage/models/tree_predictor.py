"""Tree predictors: scores of boosters, bit-identical to LightGBM's and many times as fast.

LightGBM walks each row down one tree after the other, where each node waits for the one before.
QuickScorer (Lucchese et al. 2015) tests each node of a tree on many rows at once, and removes the
leaves that a row cannot reach from its bit set; the first leaf that remains is the row's.
Trees are read from LightGBM's text format, see `linkage.models.booster_text`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from linkage.models.booster_text import BoosterTrees, SavedBooster, trees_of

if TYPE_CHECKING:
    import lightgbm

__all__ = ["TreePredictor"]

#: Rows that are scored at once; their features and leaves fit into the first-level cache.
_AT_ONCE = 128
#: De Bruijn multipliers, which map a single set bit to a distinct value in the highest bits, and
#: the shift that brings these down, for numbers of 32 and of 64 bits.
_DE_BRUIJN = {32: (0x077CB531, 27), 64: (0x03F79D71B4CB0A89, 58)}


@dataclass(frozen=True)
class TreePredictor:
    """The trees of a booster as arrays.

    Where ``sign * value > threshold``, a row is not in the leaves on the first side of a node. An
    unknown value removes no leaves, and a row is in the first leaf that no node removes.

    Attributes:
        feature: feature that each node tests, int64.
        sign, threshold: the test of its value, float32.
        left: bits of the leaves that remain where the test is true, uint32 or uint64.
        start: first node of each tree, int64, shape (trees + 1,).
        value: score of each leaf, float64, shape (trees, bits), by the hash of its bit.
    """

    feature: np.ndarray
    sign: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    start: np.ndarray
    value: np.ndarray

    @classmethod
    def of(cls, booster: lightgbm.Booster | SavedBooster) -> TreePredictor:
        """The trees of a booster.

        Raises:
            FieldError: see `linkage.models.booster_text.read_trees`.
        """
        trees = _trees(trees_of(booster))
        most = max((len(tree.values) for tree in trees), default=1)
        bits = 32 if most <= 32 else 64
        magic, shift = _DE_BRUIJN[bits]
        value = np.zeros((len(trees), bits))
        positions = [((magic << leaf) % (1 << bits)) >> shift for leaf in range(bits)]
        for number, tree in enumerate(trees):
            value[number, positions[: len(tree.values)]] = tree.values
        nodes = [node for tree in trees for node in tree.nodes]
        everything = (1 << bits) - 1
        return cls(
            np.array([node.feature for node in nodes], np.int64),
            np.array([node.sign for node in nodes], np.float32),
            np.array([node.threshold for node in nodes], np.float32),
            np.array([everything ^ node.beyond for node in nodes], np.dtype(f"uint{bits}")),
            np.cumsum([0, *(len(tree.nodes) for tree in trees)]),
            value,
        )

    def over(self, columns: np.ndarray) -> TreePredictor:
        """The predictor for matrices in which its features are other columns.

        Args:
            columns: column of each feature, shape (f,).
        """
        return replace(self, feature=np.asarray(columns, np.int64)[self.feature])

    @cached_property
    def used(self) -> np.ndarray:
        """Features that any node tests, ascending."""
        return np.unique(self.feature)

    @cached_property
    def _own_feature(self) -> np.ndarray:
        """Position of each node's feature among those that are used."""
        return np.searchsorted(self.used, self.feature)

    def add_to(self, out: np.ndarray, matrix: np.ndarray, rows: np.ndarray, share: float) -> None:
        """Adds the raw scores (log-odds) of some rows to ``out``.

        Args:
            out: float64, shape (m,).
            matrix: features, float32, shape (m, f).
            rows: rows that are scored.
            share: factor of the score.
        """
        bits = 8 * self.left.itemsize
        magic, shift = _DE_BRUIJN[bits]
        kind = self.left.dtype.type
        _score(
            self._own_feature, self.sign, self.threshold, self.left, self.start, self.value,
            self.used, kind(magic), kind(shift), matrix, rows, share, out,
        )  # fmt: skip


@dataclass(frozen=True)
class _Node:
    feature: int
    sign: float
    threshold: float
    #: Bits of the leaves on its first side, which a row that does not pass cannot reach.
    beyond: int


@dataclass(frozen=True)
class _Tree:
    nodes: list[_Node]
    values: list[float]


def _trees(trees: BoosterTrees) -> list[_Tree]:
    """The trees one by one, their leaves numbered so that the first side comes first."""
    # A 32-bit value is at most a 64-bit number if it is at most the next 32-bit number below it,
    # and so if it is less than the 32-bit number after that.
    threshold = trees.nodes["threshold"]
    with np.errstate(over="ignore"):  # "known" is tested as at most 1e300
        most = threshold.astype(np.float32)
    most = np.where(most > threshold, np.nextafter(most, np.float32(-np.inf)), most)
    unknown_left = trees.unknown_left
    sign = np.where(unknown_left, 1.0, -1.0)
    cut = np.where(unknown_left, most, -np.nextafter(most, np.float32(np.inf)))
    left, right = trees.nodes["left_child"], trees.nodes["right_child"]
    first, second = np.where(unknown_left, (left, right), (right, left))
    of_nodes = list(
        zip(
            *(part.tolist() for part in (trees.nodes["split_feature"], sign, cut, first, second)),
            strict=True,
        )
    )
    value = trees.of_leaves["leaf_value"].tolist()
    found, node, leaf = [], 0, 0
    for leaves in trees.leaves.tolist():
        found.append(_tree(of_nodes[node : node + leaves - 1], value[leaf : leaf + leaves]))
        node, leaf = node + leaves - 1, leaf + leaves
    return found


def _tree(of_nodes: list[tuple[int, float, float, int, int]], leaves: list[float]) -> _Tree:
    """A tree from feature, sign, threshold and the children of each node."""
    if not of_nodes:
        return _Tree([], leaves)
    nodes, values = [], []

    def number(node: int) -> int:
        """Numbers the leaves below a node, and returns their bits."""
        if node < 0:
            values.append(leaves[~node])
            return 1 << (len(values) - 1)
        feature, sign, cut, *sides = of_nodes[node]
        first = number(sides[0])
        nodes.append(_Node(feature, sign, cut, first))
        return first | number(sides[1])

    number(0)
    return _Tree(nodes, values)


@njit(nogil=True, cache=True)
def _score(
    feature, sign, threshold, left, start, value, used, magic, shift, matrix, rows, share, out
):
    # Padded rows, so that columns do not map to the same set of the cache.
    chunk = np.zeros((len(used), _AT_ONCE + 16), np.float32)
    leaves = np.empty(_AT_ONCE, left.dtype)
    score = np.empty(_AT_ONCE, np.float64)
    everything = ~left.dtype.type(0)
    for first in range(0, len(rows), _AT_ONCE):
        size = min(_AT_ONCE, len(rows) - first)
        for k in range(size):
            row = rows[first + k]
            for j in range(len(used)):
                chunk[j, k] = matrix[row, used[j]]
        score[:] = 0.0
        for tree in range(len(start) - 1):
            leaves[:] = everything
            for node in range(start[tree], start[tree + 1]):
                values, cut, rest = chunk[feature[node]], threshold[node], left[node]
                if sign[node] > 0:
                    for k in range(_AT_ONCE):
                        leaves[k] &= rest if values[k] > cut else everything
                else:
                    for k in range(_AT_ONCE):
                        leaves[k] &= rest if -values[k] > cut else everything
            own = value[tree]
            for k in range(_AT_ONCE):
                bit = leaves[k] & (~leaves[k] + left.dtype.type(1))
                score[k] += own[left.dtype.type(bit * magic) >> shift]
        for k in range(size):
            out[rows[first + k]] += share * score[k]
