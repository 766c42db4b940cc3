"""Cross-encoders: they learn, repeat, come back from disk and cache, and refuse clearly."""

from __future__ import annotations

import json
import logging
from dataclasses import replace

import numpy as np
import pytest
from tiny_model import COLOURS, write_tiny_model

from features.embeddings.cross_encoder import CrossEncoder
from features.embeddings.fine_tuning import FineTuning
from features.embeddings.text_vectors import EmbeddingError

SETTINGS = FineTuning(
    epochs=10,
    learning_rate=2e-3,
    head_rate=5e-3,
    batch=16,
    frozen_layers=1,
    max_tokens=12,
    fewest_steps=1,
)
#: Where what is learned does not matter.
BRIEF = replace(SETTINGS, epochs=2)


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory):
    return str(write_tiny_model(tmp_path_factory.mktemp("model")))


def task(count: int, seed: int) -> tuple[list[str], list[str], np.ndarray]:
    """Pairs that match where both texts name one colour."""
    random = np.random.default_rng(seed)
    left = random.choice(COLOURS, count)
    label = random.integers(0, 2, count)
    other = random.choice(COLOURS, count)
    right = np.where(label == 1, left, other)
    label = (left == right).astype(int)
    pads = [" pen" * int(k) for k in random.integers(0, 3, 2 * count)]
    return (
        [f"{a}{pad}" for a, pad in zip(left, pads, strict=False)],
        [f"{b}{pad}" for b, pad in zip(right, pads[count:], strict=True)],
        label,
    )


def trained(model_folder, cache=False, **options) -> CrossEncoder:
    left, right, label = task(60, 0)
    made = CrossEncoder(model_folder, settings=BRIEF, cache=cache, device="cpu")
    return made.fit(left, right, label, **options)


@pytest.fixture(scope="module")
def model(model_folder):
    made = CrossEncoder(model_folder, settings=SETTINGS, cache=False, device="cpu")
    return made.fit(*task(240, 0))


def refuse(*_, **__):
    raise AssertionError("nothing may be computed")


def test_it_learns_what_matching_texts_share(model):
    left, right, label = task(200, 1)
    scores = model.log_odds(left, right)
    assert scores.dtype == np.float64
    assert scores.shape == (200,)
    assert np.mean((scores > 0) == (label == 1)) > 0.85
    assert model.account["pairs"] == 240
    assert 240 <= model.account["passes"] <= 10 * 240


def test_the_same_whatever_the_threads_and_the_order(model, model_folder):
    left, right, label = task(240, 0)
    order = np.random.default_rng(3).permutation(240)
    again = CrossEncoder(model_folder, settings=SETTINGS, cache=False, device="cpu").fit(
        [left[k] for k in order], [right[k] for k in order], label[order], threads=3
    )
    test_left, test_right, _ = task(50, 2)
    first = model.log_odds(test_left, test_right)
    assert np.array_equal(again.log_odds(test_left, test_right, threads=2), first)
    assert np.array_equal(model.log_odds(test_left[7:9], test_right[7:9]), first[7:9])


def test_the_seed_matters(model_folder):
    left, right, _ = task(50, 2)
    one, two = trained(model_folder), trained(model_folder, seed=1)
    assert not np.array_equal(one.log_odds(left, right), two.log_odds(left, right))


def test_torch_threads_are_restored(model):
    import torch

    before = torch.get_num_threads()
    model.log_odds(["red"], ["blue"], threads=2)
    assert torch.get_num_threads() == before


def test_what_is_written_is_read(model, tmp_path):
    left, right, _ = task(40, 4)
    model.write(tmp_path)
    suffixes = {path.suffix for path in tmp_path.iterdir()}
    assert suffixes <= {".json", ".safetensors", ".txt"}
    again = CrossEncoder.read(tmp_path, cache=False, device="cpu")
    assert np.array_equal(again.log_odds(left, right), model.log_odds(left, right))
    assert again.account == model.account
    assert again.settings == model.settings


@pytest.mark.parametrize("damage", ["missing", "version", "weights"])
def test_a_folder_that_cannot_be_read_says_why(model, tmp_path, damage):
    model.write(tmp_path)
    settings = tmp_path / "cross_encoder.json"
    if damage == "missing":
        settings.unlink()
    elif damage == "version":
        state = json.loads(settings.read_text())
        settings.write_text(json.dumps(state | {"version": 99}))
    else:
        (tmp_path / "cross_encoder.safetensors").write_bytes(b"noise")
    with pytest.raises(EmbeddingError, match="train and write the model again"):
        CrossEncoder.read(tmp_path)


def test_empty_texts_have_a_score(model):
    scores = model.log_odds(["", None, "red"], ["", "red", None])
    assert np.isfinite(scores).all()
    assert scores[1] == model.log_odds([""], ["red"])[0]
    assert model.log_odds([], []).shape == (0,)


def test_the_cache_answers_without_computing(model_folder, tmp_path, monkeypatch):
    left, right, _ = task(40, 5)
    first = trained(model_folder, tmp_path)
    scores = first.log_odds(left, right)
    with monkeypatch.context() as patch:
        patch.setattr("features.embeddings.cross_encoder.fine_tune", refuse)
        patch.setattr("features.embeddings.cross_encoder.score_pairs", refuse)
        patch.setattr("features.embeddings.pair_network.PairNetwork.load", refuse)
        again = trained(model_folder, tmp_path)
        assert np.array_equal(again.log_odds(left, right), scores)
        assert again.account == first.account
        with pytest.raises(EmbeddingError, match="nothing may be computed"):
            again.log_odds(["pen"], ["pen red"])
    # Weights from the cache score new pairs as those just trained do.
    again = trained(model_folder, tmp_path)
    assert again.log_odds(["pen"], ["pen red"]) == first.log_odds(["pen"], ["pen red"])
    monkeypatch.setattr("features.embeddings.cross_encoder.fine_tune", refuse)
    with pytest.raises(AssertionError, match="computed"):
        trained(model_folder, tmp_path, seed=1)


def test_a_damaged_cache_is_made_again(model_folder, tmp_path, caplog):
    first = trained(model_folder, tmp_path)
    (weights,) = (tmp_path / "cross_encoders").iterdir()
    size = weights.stat().st_size
    weights.write_bytes(weights.read_bytes()[:100])
    with caplog.at_level(logging.WARNING, logger="features"):
        again = trained(model_folder, tmp_path)
    assert "is damaged" in caplog.text
    assert weights.stat().st_size > size / 2
    again.cache = False
    assert again.log_odds(["red"], ["red pen"]) == first.log_odds(["red"], ["red pen"])


def test_the_best_epoch_on_validation_is_kept(model_folder, monkeypatch):
    left, right, label = task(60, 6)
    order = sorted(range(60), key=lambda k: (left[k], right[k], label[k]))
    judged = []

    def judge(_, scores):
        judged.append(scores)
        return -len(judged)

    monkeypatch.setattr("features.embeddings.cross_encoder.average_precision", judge)
    made = trained(model_folder, validation=(left, right, label))
    assert made.account["judged"] == [-1, -2]
    kept = made.log_odds([left[k] for k in order], [right[k] for k in order])
    assert np.array_equal(kept, judged[0].astype(np.float16))
    assert not np.array_equal(kept, judged[1].astype(np.float16))


def test_symmetric_scores_do_not_hang_on_the_order_within_a_pair(model_folder):
    left, right, label = task(60, 0)
    made = CrossEncoder(model_folder, settings=BRIEF, symmetric=True, cache=False, device="cpu")
    made.fit(left, right, label)
    assert np.array_equal(made.log_odds(left, right), made.log_odds(right, left))


def test_progress_rises_to_one(model_folder):
    shares: list[float] = []
    made = trained(model_folder, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    told: list[float] = []
    made.log_odds(["red"] * 4, COLOURS, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_too_many_frozen_layers_are_refused(model_folder):
    settings = replace(BRIEF, frozen_layers=2)
    made = CrossEncoder(model_folder, settings=settings, cache=False, device="cpu")
    with pytest.raises(EmbeddingError, match="2 layers cannot be frozen of a model that has 2"):
        made.fit(["a", "b"], ["a", "c"], [1, 0])


@pytest.mark.parametrize("folder", ["empty", "other"])
def test_a_model_that_cannot_be_used_says_why(tmp_path, folder):
    (tmp_path / "empty").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "config.json").write_text('{"model_type": "no such kind"}')
    with pytest.raises(EmbeddingError, match=rf"'.*{folder}' cannot be used: .*Remedy"):
        CrossEncoder(str(tmp_path / folder), cache=False).fit(["a", "b"], ["a", "c"], [1, 0])


def test_labels_that_teach_nothing_are_refused(model_folder):
    made = CrossEncoder(model_folder, settings=SETTINGS, cache=False)
    with pytest.raises(ValueError, match="both matches"):
        made.fit(["a", "b"], ["a", "c"], [1, 1])
    with pytest.raises(ValueError, match="2 pairs, but 1 labels"):
        made.fit(["a", "b"], ["a", "c"], [1])
    with pytest.raises(ValueError, match="2 left texts, but 1 right"):
        made.fit(["a", "b"], ["a"], [1, 0])
    with pytest.raises(ValueError, match="trained or read"):
        made.log_odds(["a"], ["a"])
