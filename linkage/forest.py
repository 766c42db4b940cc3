"""Scores by boosters, several times as fast as LightGBM's own prediction and equal to the last bit.

LightGBM walks each row down one tree after the other, and waits at every node for the one before.
Here a tree is walked by many rows at once, so that none waits for another. Trees are read from
LightGBM's own text form.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    import lightgbm

__all__ = ["Forest"]

#: Rows that walk a tree at once; their features stay in the nearest cache meanwhile.
_AT_ONCE = 64
#: Bits of LightGBM's decision types.
_CATEGORICAL, _DEFAULT_LEFT = 1, 2
_MISSING_SHIFT, _MISSING_ZERO, _MISSING_NAN = 2, 1, 2


@dataclass(frozen=True)
class Forest:
    """The trees of a booster as arrays.

    A row goes from a node to ``child`` or, where ``sign * value > threshold``, to the node after
    it; an unknown value goes to ``child``. A leaf is its own child.

    Attributes:
        feature: feature that each node looks at, uint32.
        sign, threshold: what its value is compared with, float32.
        child: where a row goes, uint32.
        value: score of each leaf, float64; 0 of other nodes.
        root: first node of each tree, uint32.
        depth: nodes on the longest path of each tree, int64.
    """

    feature: np.ndarray
    sign: np.ndarray
    threshold: np.ndarray
    child: np.ndarray
    value: np.ndarray
    root: np.ndarray
    depth: np.ndarray

    @classmethod
    def of(cls, booster: lightgbm.Booster) -> Forest:
        """The trees of a booster.

        Raises:
            ValueError: a tree has splits of a sort that this library's boosters never have.
        """
        pieces = [_tree(text) for text in booster.model_to_string().split("\nTree=")[1:]]
        starts = np.cumsum([0, *(len(piece[0]) for piece in pieces)])
        columns = list(zip(*(piece[:5] for piece in pieces), strict=True)) or [()] * 5
        kinds = (np.uint32, np.float32, np.float32, np.uint32, np.float64)
        feature, sign, threshold, child, value = (
            np.concatenate([*column, []]).astype(kind)
            for column, kind in zip(columns, kinds, strict=True)
        )
        own = np.repeat(starts[:-1], np.diff(starts))
        return cls(
            feature,
            sign,
            threshold,
            (child + own).astype(np.uint32),
            value,
            starts[:-1].astype(np.uint32),
            np.array([piece[5] for piece in pieces], np.int64),
        )

    @cached_property
    def used(self) -> np.ndarray:
        """Features that nodes look at, ascending."""
        return np.unique(self.feature[self.child != np.arange(len(self.child))])

    def add_to(self, out: np.ndarray, matrix: np.ndarray, rows: np.ndarray, share: float) -> None:
        """Adds the raw score (log-odds) of some rows.

        Args:
            out: float64, shape (m,).
            matrix: features, float32, shape (m, f).
            rows: rows that are scored.
            share: factor of the score.
        """
        _walk(
            self.feature, self.sign, self.threshold, self.child, self.value, self.root, self.depth,
            matrix, rows, share, out,
        )  # fmt: skip


def _tree(text: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, int]:
    """Feature, sign, threshold, child and value of a tree's nodes, its depth."""
    lines = text[: text.find("\n\n")].split("\n")
    plain = dict(line.split("=", 1) for line in lines if "=" in line)
    leaves = np.array(plain["leaf_value"].split(), np.float64)
    if len(leaves) == 1:
        nothing = np.zeros(1)
        return nothing, np.ones(1), np.full(1, np.inf), nothing, leaves, 0
    feature, kind, left, right = (
        np.array(plain[name].split(), np.int64)
        for name in ("split_feature", "decision_type", "left_child", "right_child")
    )
    threshold = np.array(plain["threshold"].split(), np.float64)
    missing = (kind >> _MISSING_SHIFT) & 3
    if (kind & _CATEGORICAL).any() or (missing == _MISSING_ZERO).any():
        raise ValueError("A booster with categorical features or zeros that are missing values.")
    unknown_left = np.where(missing == _MISSING_NAN, (kind & _DEFAULT_LEFT) > 0, threshold >= 0)
    size = 2 * len(leaves) - 1
    out_feature, out_value = np.zeros(size, np.int64), np.zeros(size)
    out_sign, out_threshold = np.ones(size), np.full(size, np.inf)
    out_child, depth = np.arange(size), np.zeros(size, np.int64)
    free = 1
    waiting = [(0, 0)]
    while waiting:
        node, at = waiting.pop()
        if node < 0:
            out_value[at] = leaves[~node]
            continue
        # For 32-bit values, to be at most a 64-bit number is to be at most the next 32-bit one
        # below it, and to be less than the one after that.
        most = np.float32(threshold[node])
        if most > threshold[node]:
            most = np.nextafter(most, np.float32(-np.inf))
        out_feature[at] = feature[node]
        out_child[at] = free
        first, second = left[node], right[node]
        out_threshold[at] = most
        if not unknown_left[node]:
            first, second = second, first
            out_sign[at] = -1.0
            out_threshold[at] = -np.nextafter(most, np.float32(np.inf))
        depth[free : free + 2] = depth[at] + 1
        waiting += [(int(first), free), (int(second), free + 1)]
        free += 2
    return out_feature, out_sign, out_threshold, out_child, out_value, int(depth.max())


@njit(nogil=True, cache=True)
def _walk(feature, sign, threshold, child, value, root, depth, matrix, rows, share, out):
    # Numbers without a sign: an index that could be negative costs a test each time.
    width = np.uint64(matrix.shape[1])
    node = np.empty(_AT_ONCE, np.uint32)
    score = np.empty(_AT_ONCE, np.float64)
    block = np.empty(_AT_ONCE * matrix.shape[1], np.float32)
    for start in range(0, len(rows), _AT_ONCE):
        size = min(_AT_ONCE, len(rows) - start)
        for k in range(size):
            for j in range(matrix.shape[1]):
                block[k * matrix.shape[1] + j] = matrix[rows[start + k], j]
        score[:size] = 0.0
        for tree in range(len(root)):
            node[:size] = root[tree]
            for _ in range(depth[tree]):
                for k in range(size):
                    at = np.uint64(node[k])
                    known = block[np.uint64(k) * width + np.uint64(feature[at])]
                    node[k] = child[at] + np.uint32(sign[at] * known > threshold[at])
            for k in range(size):
                score[k] += value[np.uint64(node[k])]
        for k in range(size):
            out[rows[start + k]] += share * score[k]
