"""Contributions add up to scores, for every kind of model and every pair of a sample."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from explained import KINDS, fitted
from scipy.special import expit

from linkage.explanation.data.scores import explain_scores
from linkage.io.reading import from_frame
from linkage.models.cross_encoder import CrossEncoderEvidence
from linkage.models.pair_model import PairModel
from linkage.pipeline.run import Run
from linkage.runtime import StepLog
from linkage.scoring.score import score_candidates
from linkage.scoring.session import Session

SAMPLE = 500
EXACT = 1e-6


def opened(kind: str) -> tuple[PairModel, Session, np.ndarray]:
    """A model of a kind, its session, and a sample of its candidates."""
    linker, tables = fitted(kind)
    left, right = (None if table is None else from_frame(table) for table in tables)
    assert left is not None
    run = Run(linker.config, left, right, StepLog(), linker.fitted_, keeps_words=True)
    (name, (session, _)), *_ = run.sessions_of_run({}).items()
    sample = np.random.default_rng(3).permutation(len(session.candidates))[:SAMPLE]
    return linker.fitted_[name].model, session, np.sort(sample)


@pytest.mark.parametrize("kind", KINDS)
def test_contributions_add_up_to_the_raw_score(kind: str) -> None:
    model, session, sample = opened(kind)
    left, right = session.candidates.left[sample], session.candidates.right[sample]
    explained = explain_scores(session, model, left, right)
    assert len(explained) == len(sample) >= min(SAMPLE, len(session.candidates)) > 0
    pairs = session.compare(left, right, "Compare pairs")
    raw = model.scorer.raw(pairs.matrix, pairs.fold)
    for k, score in enumerate(explained):
        total = score.base + sum(one.amount for one in score.contributions)
        assert total == pytest.approx(raw[k], abs=EXACT)
        assert score.raw == raw[k]
        after = score.raw + sum(step.amount for step in score.steps)
        assert after == pytest.approx(score.log_odds, abs=EXACT)
        assert expit(score.log_odds) == pytest.approx(score.score, abs=1e-12)
    scores = np.array([score.score for score in explained])
    recorded = score_candidates(session, model)[sample]
    apart = session.apart(left, right)
    if apart is None:
        apart = np.zeros(len(left), bool)
    np.testing.assert_allclose(scores[~apart], recorded[~apart], atol=EXACT)


def test_the_kinds_are_the_kinds() -> None:
    """Each kind of model has the part that it is there for."""
    models = {kind: opened(kind)[0] for kind in KINDS}
    assert models["identifier"].scorer.noise is not None
    assert models["identifier"].scorer.identifier is not None
    assert models["neighbours"].one_to_one
    assert models["mixture"].scorer.fellegi_sunter is not None
    assert models["mixture"].scorer.ensembles
    assert models["contradictions"].training.anchor.startswith("contradictions: of ")
    assert not models["identity"].scorer.ensembles
    assert models["labels"].scorer.ensembles
    assert models["one-to-one"].one_to_one
    assert models["one-to-one"].base_model is not None
    assert "prior:against_rivals" in models["one-to-one"].names
    assert models["one-to-one"].scorer.known is not None
    assert models["few labels"].scorer.linear is not None
    assert models["groups"].scorer.lowest


def test_a_feature_that_the_model_must_not_see_adds_nothing() -> None:
    model, session, sample = opened("identifier")
    hidden = {model.names[k] for k in model.scorer.hidden}
    left, right = session.candidates.left[sample], session.candidates.right[sample]
    explained = explain_scores(session, model, left, right)
    boosted = {one.name for e in explained for one in e.contributions if one.source == "boosters"}
    assert hidden
    assert not boosted & hidden
    assert any(step.name == "identifier" for e in explained for step in e.steps)


def test_the_lower_of_two_scores_is_the_one_that_is_explained() -> None:
    model, session, sample = opened("groups")
    left, right = session.candidates.left[sample], session.candidates.right[sample]
    told = set()
    for score in explain_scores(session, model, left, right):
        lower = min(score.parts, key=lambda part: part.score)
        sources = {one.source for one in score.contributions}
        assert sources <= {lower.source} or score.parts[0].score == score.parts[1].score
        assert score.raw == pytest.approx(lower.score, abs=EXACT)
        told |= sources
    assert told == {"boosters", "views"}


def test_the_opinion_of_the_model_without_labels_is_explained_too() -> None:
    model, session, sample = opened("few labels")
    left, right = session.candidates.left[sample[:20]], session.candidates.right[sample[:20]]
    assert model.base_model is not None
    cut = np.log(model.base_model.threshold / (1 - model.base_model.threshold))
    pairs = session.compare(left, right, "Compare pairs")
    own = pairs.column("prior:log_odds")
    for k, score in enumerate(explain_scores(session, model, left, right)):
        assert score.opinion is not None
        assert score.opinion.log_odds - cut == pytest.approx(own[k], abs=1e-4)  # a float32 feature
        total = score.opinion.base + sum(one.amount for one in score.opinion.contributions)
        assert total == pytest.approx(score.opinion.raw, abs=EXACT)
        assert {one.source for one in score.contributions} >= {"boosters", "linear"}


class Reader:
    """Reads two records, and says what their rows' numbers say."""

    def log_odds(self, left, right, *, threads=1, progress=None):
        return np.array([float(len(a) - len(b)) for a, b in zip(left, right, strict=True)])


def test_a_language_model_is_a_step_of_its_own() -> None:
    model, session, sample = opened("mixture")
    model = replace(model, cross_encoder=CrossEncoderEvidence(Reader(), 0.7, 0.2, -0.1, 0.0))
    left, right = session.candidates.left[sample], session.candidates.right[sample]
    explained = explain_scores(session, model, left, right)
    session.scores.clear()
    recorded = score_candidates(session, model)[sample]
    session.scores.clear()
    np.testing.assert_allclose([e.score for e in explained], recorded, atol=EXACT)
    read = [e for e in explained if any(step.name == "language model" for step in e.steps)]
    assert 0 < len(read) < len(explained)
    for score in read:
        after = score.raw + sum(step.amount for step in score.steps)
        assert after == pytest.approx(score.log_odds, abs=EXACT)
