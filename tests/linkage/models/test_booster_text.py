"""Boosters read from texts: what LightGBM says of them, and no damaged one is let through."""

from __future__ import annotations

import re

import lightgbm
import numpy as np
import pytest

from linkage.models.booster_text import SavedBooster, read_trees

#: Values that no key of a tree may have, with what they are a case of.
ODD = ("", "-1", "x", "nan", "1e400", str(2**31), str(2**70), "0 " * 400)


@pytest.fixture(scope="module")
def booster() -> lightgbm.Booster:
    rng = np.random.default_rng(3)
    matrix = rng.normal(size=(900, 5)).astype(np.float32)
    matrix[rng.random(matrix.shape) < 0.2] = np.nan
    label = (np.nan_to_num(matrix[:, 0]) + np.isnan(matrix[:, 2]) > 0.4) * 1
    parameters = {"objective": "binary", "num_leaves": 9, "verbose": -1, "num_threads": 1}
    return lightgbm.train(parameters, lightgbm.Dataset(matrix, label), 7)


@pytest.fixture(scope="module")
def text(booster: lightgbm.Booster) -> str:
    return booster.model_to_string()


def test_a_saved_booster_says_what_lightgbm_says(booster: lightgbm.Booster, text: str) -> None:
    matrix = np.random.default_rng(0).normal(size=(80, 5)).astype(np.float32)
    matrix[::7, 2] = np.nan
    saved = SavedBooster(text)
    for options in ({"raw_score": True}, {"pred_contrib": True}):
        expected = booster.predict(matrix, **options)
        np.testing.assert_array_equal(saved.predict(matrix, **options), expected)
    np.testing.assert_array_equal(saved.feature_importance(), booster.feature_importance("gain"))
    assert (saved.num_feature(), saved.model_to_string()) == (5, text)


def test_a_booster_that_learned_nothing() -> None:
    data = lightgbm.Dataset(np.zeros((50, 2), np.float32), np.arange(50) % 2)
    booster = lightgbm.train({"objective": "binary", "verbose": -1, "num_threads": 1}, data, 3)
    saved, matrix = SavedBooster(booster.model_to_string()), np.zeros((4, 2), np.float32)
    expected = booster.predict(matrix, pred_contrib=True)
    np.testing.assert_array_equal(saved.predict(matrix, pred_contrib=True), expected)


def test_lines_may_end_as_on_windows(text: str) -> None:
    assert SavedBooster(text.replace("\n", "\r\n")).model_to_string() == text


@pytest.mark.parametrize("share", np.linspace(0, 1, 60, endpoint=False).tolist())
def test_a_truncated_text_is_refused(text: str, share: float) -> None:
    with pytest.raises(ValueError, match=r"^[\w= ,]+: "):
        read_trees(text[: int(share * text.index("end of trees"))])


KEYS = (
    "num_leaves", "num_cat", "split_feature", "decision_type", "left_child", "right_child",
    "leaf_value", "leaf_count", "internal_count", "max_feature_idx", "num_class", "tree_sizes",
)  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("value", ODD)
def test_odd_values_are_refused_by_their_key(text: str, key: str, value: str) -> None:
    lines = list(re.finditer(rf"^{key}=(.*)$", text, re.M))
    line = lines[len(lines) // 2]
    first, *rest = line[1].split()
    allowed = {("leaf_value", "-1"), ("left_child", "-1"), ("right_child", "-1")}
    if (key, value) in allowed and value == first:
        pytest.skip("that is what it was")
    if key == "leaf_value" and value in ("-1", str(2**31), str(2**70)):
        pytest.skip("that is a score")
    altered = text[: line.start(1)] + " ".join([value, *rest]) + text[line.end(1) :]
    if key == "tree_sizes" and value.strip() and " " not in value:
        pytest.skip("sizes of trees are not looked at, only how many there are")
    with pytest.raises(ValueError, match=r"^[\w= ,]+: ") as refused:
        read_trees(altered)
    assert key in str(refused.value) or key == "num_leaves" or "_child" in key


@pytest.mark.parametrize("seed", range(40))
def test_nodes_that_form_no_tree_are_refused(text: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    lines = list(re.finditer(r"^(left|right)_child=(.*)$", text, re.M))
    line = lines[rng.integers(len(lines))]
    children = line[2].split()
    at = rng.integers(len(children))
    others = [k for k in range(-12, 12) if k != int(children[at])]
    children[at] = str(rng.choice(others))
    altered = text[: line.start(2)] + " ".join(children) + text[line.end(2) :]
    with pytest.raises(ValueError, match="child"):
        read_trees(altered)
