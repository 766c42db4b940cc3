"""Neural evidence: read where boosters are unsure, weighed by held-out labels, saved and loaded."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tiny_model import COLOURS, write_tiny_model

from linkage.config.authored import Config
from linkage.linker import Linker
from linkage.models.cross_encoder import CrossEncoderEvidence


class CountingEncoder:
    """Says that texts match where they are equal, and counts what it read."""

    def __init__(self) -> None:
        self.read = 0

    def log_odds(self, left, right, *, threads=1, progress=None):
        self.read += len(left)
        return np.where(np.array(left) == np.array(right), 3.0, -3.0)


def test_only_unsure_pairs_are_read() -> None:
    encoder = CountingEncoder()
    evidence = CrossEncoderEvidence(encoder, own=0.5, read=1.0, intercept=0.25, cut=0.0)  # type: ignore[arg-type]
    left, right = np.array([0, 0, 0]), np.array([1, 2, 1])
    out = evidence.blend(["red", "red", "blue"], left, right, np.array([0.4, -1.0, 9.0]), 1)
    assert out.tolist() == [0.5 * 0.4 + 3 + 0.25, -0.5 - 3 + 0.25, 9.0]
    assert encoder.read == 2


def test_an_encoder_without_weight_reads_no_pairs() -> None:
    encoder = CountingEncoder()
    evidence = CrossEncoderEvidence(encoder, own=1.0, read=0.0, intercept=0.5, cut=0.0)  # type: ignore[arg-type]
    rows = np.array([0, 1])
    assert evidence.blend(["a", "b"], rows, rows, np.zeros(2), 1).tolist() == [0.0, 0.0]
    assert encoder.read == 0


def offers(count: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Two tables whose rows match where they name one colour, and labels."""
    random = np.random.default_rng(seed)
    tables = []
    for side in "lr":
        colour = random.choice(COLOURS, count)
        title = [f"{c}{' pen' * int(random.integers(1, 3))}" for c in colour]
        tables.append(
            pd.DataFrame({"id": [f"{side}{k}" for k in range(count)], "title": title, "c": colour})
        )
    left, right = tables
    labels = pd.DataFrame({"left_id": left.id, "right_id": right.id})
    labels["label"] = (left.c == right.c).astype(int).astype(str)
    return left.drop(columns="c"), right.drop(columns="c"), labels


@pytest.mark.parametrize("with_validation", [True, False])
def test_best_quality_reads_pairs(tmp_path, monkeypatch, with_validation: bool) -> None:
    monkeypatch.setenv("LINKAGE_CACHE", str(tmp_path / "cache"))
    (tmp_path / "tiny").mkdir()
    model = write_tiny_model(tmp_path / "tiny")
    left, right, labels = offers(700, 0)
    config = Config(
        quality="best",
        embedding={"model": str(model)},
        training={"context": False},
        attributes={"title": "text"},
    )
    linker = Linker(config).fit(
        left, right, labels[:500], labels[500:600] if with_validation else None
    )
    fitted = linker.fitted_["exact"].model
    assert fitted.cross_encoder is not None
    asked = labels[600:]
    scored = linker.score(left, right, asked[["left_id", "right_id"]])
    assert np.mean(scored["match"].to_numpy() == (asked["label"] == "1").to_numpy()) > 0.95
    linker.save(tmp_path / "model")
    again = Linker.load(tmp_path / "model").score(left, right, asked[["left_id", "right_id"]])
    pd.testing.assert_frame_equal(scored, again)
