"""Which pairs are trained on, and for how long."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tiny_model import COLOURS, write_tiny_model

from features.embeddings.cross_encoder import CrossEncoder
from features.embeddings.fine_tuning import FineTuning, choose_pairs

SETTINGS = FineTuning(epochs=2, frozen_layers=1, max_tokens=12, fewest_steps=1, resting=0.0)


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory):
    return str(write_tiny_model(tmp_path_factory.mktemp("model")))


def account(model_folder, settings: FineTuning, **options) -> dict:
    left = [colour for colour in COLOURS for _ in range(16)]
    right = [COLOURS[k % 4] for k in range(64)]
    label = np.array([a == b for a, b in zip(left, right, strict=True)])
    made = CrossEncoder(model_folder, settings=settings, cache=False, device="cpu")
    return made.fit(left, right, label, **options).account


def test_all_pairs_are_kept_where_there_is_room():
    label = np.array([1, 0, 0, 0])
    assert choose_pairs(label, 4, np.random.default_rng(0)).tolist() == [0, 1, 2, 3]


def test_matches_fill_no_more_than_half_unless_there_is_room():
    label = np.repeat([1, 0], [80, 20])
    kept = choose_pairs(label, 60, np.random.default_rng(0))
    assert len(kept) == 60
    assert label[kept].sum() == 40
    label = np.repeat([1, 0], [80, 80])
    assert label[choose_pairs(label, 60, np.random.default_rng(0))].sum() == 30


def test_work_is_bounded_by_tokens(model_folder):
    assert account(model_folder, SETTINGS)["passes"] == 128
    # A pair has six tokens: its words and the marks around them.
    bounded = account(model_folder, replace(SETTINGS, most_tokens=6 * 2 * 20))
    assert bounded["pairs"] == 20
    assert bounded["passes"] == 40


def test_work_is_bounded_by_time(model_folder):
    hurried = account(model_folder, replace(SETTINGS, minutes=1e-9))
    assert hurried["pairs"] == 2
    assert account(model_folder, replace(SETTINGS, minutes=60.0))["pairs"] == 64


def test_pairs_told_apart_rest(model_folder):
    quick = replace(SETTINGS, epochs=12, learning_rate=3e-3, head_rate=1e-2, batch=16)
    resting = account(model_folder, replace(quick, resting=1.0))
    assert 64 <= resting["passes"] < 12 * 64


def test_dropout_is_drawn_from_the_seed(model_folder):
    left, right, label = ["red", "blue"] * 8, ["red", "red"] * 8, np.array([1, 0] * 8)
    scores = []
    for dropout, threads in ((0.0, 1), (0.3, 1), (0.3, 2)):
        settings = replace(SETTINGS, dropout=dropout)
        made = CrossEncoder(model_folder, settings=settings, cache=False, device="cpu")
        scores.append(made.fit(left, right, label, threads=threads).log_odds(left, right))
    assert not np.array_equal(scores[0], scores[1])
    assert np.array_equal(scores[1], scores[2])


def test_few_pairs_are_seen_more_often(model_folder):
    few = account(model_folder, replace(SETTINGS, fewest_steps=10, batch=32))
    assert few["epochs"] == 5
    assert few["passes"] == 5 * 64


def test_half_precision_learns_too(model_folder, monkeypatch):
    monkeypatch.setattr("features.embeddings.pair_network.has_fast_half_precision", lambda: True)
    left = [colour for colour in COLOURS for _ in range(16)]
    right = [COLOURS[k % 4] for k in range(64)]
    label = np.array([a == b for a, b in zip(left, right, strict=True)])
    settings = replace(SETTINGS, epochs=20, learning_rate=2e-3, head_rate=5e-3, batch=16)
    made = CrossEncoder(model_folder, settings=settings, cache=False, device="cpu")
    scores = made.fit(left, right, label).log_odds(left, right)
    assert scores[label].mean() > scores[~label].mean() + 1
