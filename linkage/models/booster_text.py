"""The text format of LightGBM's boosters, checked before any compiled code relies on it.

LightGBM's own parser ends the process on some damaged texts, and compiled loops over trees read
whatever their node numbers point at. So texts from files are read here, in full; where LightGBM
itself is needed, to attribute scores to features, it gets a text that is written anew from what
was read.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from linkage.io.saved.json_fields import FieldError
from linkage.models.tree_library import load_lightgbm

if TYPE_CHECKING:
    import lightgbm

__all__ = ["MOST_LEAVES", "BoosterTrees", "SavedBooster", "read_trees", "trees_of"]

#: Most leaves of a tree: the bits of the largest bit set of `tree_predictor`.
MOST_LEAVES = 64
#: Bits of LightGBM's decision types: categorical, unknown values go left; and how a missing value
#: is told, in the two bits above (2: as NaN).
_CATEGORICAL, _DEFAULT_LEFT = 1, 2
_MISSING_SHIFT, _MISSING_ZERO, _MISSING_NAN = 2, 1, 2
#: Arrays of a tree, one element a node or a leaf, with their types.
_OF_NODES = {
    "split_feature": np.int64, "split_gain": np.float64, "threshold": np.float64,
    "decision_type": np.int64, "left_child": np.int64, "right_child": np.int64,
    "internal_count": np.int64,
}  # fmt: skip
_OF_LEAVES = {"leaf_value": np.float64, "leaf_count": np.int64}
#: Header lines that a booster of ours has, as it scores pairs as match or not.
_HEADER = {"num_class": "1", "num_tree_per_iteration": "1"}


@dataclass(frozen=True)
class BoosterTrees:
    """The trees of a booster, one after the other.

    Attributes:
        features: number of features that it was trained on.
        leaves: leaves of each tree, int64, shape (trees,); a tree of l leaves has l - 1 nodes.
        nodes: by LightGBM's name, an array of all nodes of all trees; child c >= 0 is a later node
            of the tree, child c < 0 is its leaf ~c.
        of_leaves: the same of all leaves.
    """

    features: int
    leaves: np.ndarray
    nodes: dict[str, np.ndarray]
    of_leaves: dict[str, np.ndarray]

    @property
    def unknown_left(self) -> np.ndarray:
        """Whether a row whose value is unknown goes left at each node, bool."""
        kind = self.nodes["decision_type"]
        is_nan = kind >> _MISSING_SHIFT == _MISSING_NAN
        return np.where(is_nan, (kind & _DEFAULT_LEFT) > 0, self.nodes["threshold"] >= 0)

    def gain(self) -> np.ndarray:
        """Gain of the splits on each feature, float64, shape (features,), as LightGBM sums it."""
        gain = self.nodes["split_gain"].astype(np.float32)
        gain = np.where(gain > 0, gain, 0).astype(np.float64)
        return np.bincount(self.nodes["split_feature"], gain, self.features)

    def to_text(self) -> str:
        """The trees in LightGBM's format, without what it does not need to apply them."""
        node = leaf = 0
        texts = []
        for number, leaves in enumerate(self.leaves.tolist()):
            lines = [f"Tree={number}", f"num_leaves={leaves}", "num_cat=0"]
            for arrays, start, size in (
                (self.nodes, node, leaves - 1),
                (self.of_leaves, leaf, leaves),
            ):
                for name, array in arrays.items():
                    values = array[start : start + size].tolist()
                    lines.append(f"{name}={' '.join(map(repr, values))}")
            texts.append("\n".join([*lines, "shrinkage=1"]) + "\n\n\n")
            node, leaf = node + leaves - 1, leaf + leaves
        every = range(self.features)
        return "\n".join(
            [
                "tree", "version=v4", *(f"{key}={value}" for key, value in _HEADER.items()),
                "label_index=0", f"max_feature_idx={self.features - 1}",
                "objective=binary sigmoid:1",
                "feature_names=" + " ".join(f"Column_{k}" for k in every),
                "feature_infos=" + " ".join("none" for _ in every),
                "tree_sizes=" + " ".join(str(len(text)) for text in texts),
                "", "".join(texts) + "end of trees", "",
            ]
        )  # fmt: skip


class SavedBooster:
    """A booster that was read from a text.

    It is what `lightgbm.Booster` is to a scorer. LightGBM itself is loaded only for `predict`.

    Args:
        text: the booster in LightGBM's format.

    Raises:
        FieldError: the text is damaged, or no booster of ours.
    """

    def __init__(self, text: str) -> None:
        self._text = text.replace("\r\n", "\n")
        self.trees = read_trees(self._text)

    def model_to_string(self) -> str:
        """The text that it was read from."""
        return self._text

    def num_feature(self) -> int:
        """Number of features that it was trained on."""
        return self.trees.features

    def feature_importance(self, importance_type: str = "gain") -> np.ndarray:
        """Gain of the splits on each feature, float64, shape (features,)."""
        assert importance_type == "gain"
        return self.trees.gain()

    def predict(self, matrix: np.ndarray, **options: Any) -> Any:
        """What LightGBM predicts, see `lightgbm.Booster.predict`."""
        return self._booster.predict(matrix, **options)

    @cached_property
    def _booster(self) -> lightgbm.Booster:
        return load_lightgbm().Booster(model_str=self.trees.to_text())


def trees_of(booster: lightgbm.Booster | SavedBooster) -> BoosterTrees:
    """The trees of a booster that was trained or read.

    Raises:
        FieldError: see `read_trees`.
    """
    if isinstance(booster, SavedBooster):
        return booster.trees
    return read_trees(booster.model_to_string())


def read_trees(text: str) -> BoosterTrees:
    """The trees of a booster in LightGBM's text format.

    Raises:
        FieldError: a part is missing, of another length, no number or out of range, or nodes form
            no tree; or trees have categorical splits, zeros that are missing values, or more than
            `MOST_LEAVES` leaves, none of which this library's boosters have.
    """
    head, *bodies = text.split("\nTree=")
    header = _fields(head)
    for key, value in _HEADER.items():
        if header.get(key) != value:
            raise FieldError(f"{key}: it must be {value}, got {header.get(key)!r}")
    features = int(_numbers("max_feature_idx", [header.get("max_feature_idx", "")], np.int64)[0])
    if not 0 <= features < 1 << 20:  # far more features than two records can be compared by
        raise FieldError(f"max_feature_idx: it must be from 0 to {(1 << 20) - 1}, got {features}")
    if len(bodies) != len(header.get("tree_sizes", "").split()):
        raise FieldError(f"tree_sizes: it does not list the {len(bodies)} trees that follow")
    if "\nend of trees" not in text:
        raise FieldError("end of trees: it is missing; the text is cut off")
    trees = [_fields(body[: body.find("\n\n")]) for body in bodies]
    counts = _numbers("num_leaves", [tree.get("num_leaves", "") for tree in trees], np.int64)
    if counts.max(initial=1) > MOST_LEAVES:
        raise FieldError(f"num_leaves: {counts.max()}, more than {MOST_LEAVES}")
    if counts.min(initial=1) < 1:
        raise FieldError(f"num_leaves: it must be at least 1, got {counts.min()}")
    if any(tree.get("num_cat") != "0" for tree in trees):
        raise FieldError("num_cat: it must be 0, as no features are categorical")
    if any(tree.get("is_linear", "0") != "0" for tree in trees):
        raise FieldError("is_linear: it must be 0")
    nodes = {name: _joined(trees, name, kind, counts - 1) for name, kind in _OF_NODES.items()}
    leaves = {name: _joined(trees, name, kind, counts) for name, kind in _OF_LEAVES.items()}
    _check(nodes, leaves, counts, features + 1)
    return BoosterTrees(features + 1, counts, nodes, leaves)


def _fields(text: str) -> dict[str, str]:
    """Lines ``key=value`` by key."""
    return dict(line.split("=", 1) for line in text.split("\n") if "=" in line)


def _joined(trees: list[dict[str, str]], name: str, kind: Any, lengths: np.ndarray) -> np.ndarray:
    """An array of all trees, one after the other, that has one element a node or leaf."""
    parts = []
    for number, (tree, length) in enumerate(zip(trees, lengths.tolist(), strict=True)):
        part = tree.get(name, "").split()
        # LightGBM lists neither nodes nor counts of a tree of one leaf.
        if name == "leaf_count" and length == 1 and not part:
            part = ["0"]
        if len(part) != length:
            raise FieldError(f"Tree={number}, {name}: {len(part)} numbers instead of {length}")
        parts += part
    return _numbers(name, parts, kind)


def _numbers(name: str, parts: list[str], kind: Any) -> np.ndarray:
    try:
        return np.array(parts, kind)
    except (ValueError, OverflowError):
        raise FieldError(f"{name}: not all are numbers that fit, got {parts[:3]}") from None


def _check(
    nodes: dict[str, np.ndarray], leaves: dict[str, np.ndarray], counts: np.ndarray, features: int
) -> None:
    """Refuses numbers that are out of range, and nodes that form no tree."""
    kind, feature = nodes["decision_type"], nodes["split_feature"]
    if (kind & _CATEGORICAL).any() or (kind >> _MISSING_SHIFT & 3 == _MISSING_ZERO).any():
        raise FieldError("decision_type: categorical features or zeros that are missing values")
    for name, array, low, high in (
        ("decision_type", kind, 0, (_MISSING_NAN << _MISSING_SHIFT) | _DEFAULT_LEFT),
        ("split_feature", feature, 0, features - 1),
        ("internal_count", nodes["internal_count"], 0, 2**31 - 1),
        ("leaf_count", leaves["leaf_count"], 0, 2**31 - 1),
    ):
        if len(array) and not low <= array.min() <= array.max() <= high:
            raise FieldError(f"{name}: not all are from {low} to {high}")
    if not np.isfinite(leaves["leaf_value"]).all():
        raise FieldError("leaf_value: not all are finite")
    for name in ("threshold", "split_gain"):  # thresholds that all known values pass are infinite
        if np.isnan(nodes[name]).any():
            raise FieldError(f"{name}: not all are numbers")
    tree = np.repeat(np.arange(len(counts)), counts - 1)
    first_node, first_leaf = np.cumsum(counts - 1) - (counts - 1), np.cumsum(counts) - counts
    own = np.arange(len(tree)) - first_node[tree]
    seen_nodes, seen_leaves = np.zeros(len(tree), np.int64), np.zeros(int(counts.sum()), np.int64)
    for name in ("left_child", "right_child"):
        child = nodes[name]
        is_node = child >= 0
        least = np.where(is_node, own + 1, 0)
        position = np.where(is_node, child, ~child)
        if ((position < least) | (position >= counts[tree] - is_node)).any():
            raise FieldError(f"{name}: not all are later nodes or leaves of their tree")
        np.add.at(seen_nodes, (first_node[tree] + position)[is_node], 1)
        np.add.at(seen_leaves, (first_leaf[tree] + position)[~is_node], 1)
    several = np.repeat(counts > 1, counts)
    if (seen_nodes != (own > 0)).any() or (seen_leaves != several).any():
        raise FieldError("left_child, right_child: a node or leaf has no parent, or several")
