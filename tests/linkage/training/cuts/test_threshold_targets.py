"""Meeting targets: the clusters decide, labels correct, and what nothing vouches for is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from catalogs import example_slice, session_of

from linkage.config.authored import Config
from linkage.errors import TargetError
from linkage.models.pair_model import PairModel
from linkage.models.training_account import TrainingAccount, TrainingSource
from linkage.scoring.score import score_candidates
from linkage.scoring.session import Session
from linkage.training.cuts.threshold_targets import meet_target
from linkage.training.cuts.thresholds import BEST_F1, ThresholdTarget
from linkage.training.supervised import LabelledPairs
from linkage.training.train import learn_without_labels

LARGEST = 200
PRECISE = ThresholdTarget(precision=0.95)


@pytest.fixture(scope="module")
def learned() -> tuple[Session, PairModel, np.ndarray]:
    """A session, its model, and whether each candidate matches."""
    table, truth = example_slice(50)
    session = session_of(table)
    entity = truth[session.records.ids].to_numpy()
    match = entity[session.candidates.left] == entity[session.candidates.right]
    return session, learn_without_labels(session, Config()), match


def sample(session: Session, label: np.ndarray, step: int) -> LabelledPairs:
    """Every so many of the candidates, labelled."""
    a, b = (rows[::step] for rows in (session.candidates.left, session.candidates.right))
    pairs = session.compare(a, b, "Compare labelled pairs")
    return LabelledPairs(pairs, label[::step].astype(np.int8), sampling=np.full(len(a), step))


def test_labels_that_agree_keep_a_precision(learned: tuple[Session, PairModel, np.ndarray]) -> None:
    session, model, match = learned
    probability = score_candidates(session, model)
    labelled = sample(session, match, 2)
    met = meet_target(session, model, PRECISE, LARGEST, labelled, probability[::2])
    accepted = probability >= met.threshold
    assert match[accepted].mean() >= 0.9
    assert "A precision of 0.95 is the target" in met.training.notes[-1]
    assert met.training.metrics["labels"] == len(labelled.label)


def test_labels_that_contradict_the_scores_refuse(
    learned: tuple[Session, PairModel, np.ndarray],
) -> None:
    session, model, match = learned
    probability = score_candidates(session, model)
    wrong = match & (np.arange(len(match)) % 3 == 0)
    with pytest.raises(TargetError, match="cannot be kept: the most to expect is a precision of"):
        meet_target(session, model, PRECISE, LARGEST, sample(session, wrong, 1), probability)


def test_few_labels_promise_nothing(learned: tuple[Session, PairModel, np.ndarray]) -> None:
    session, model, match = learned
    step = len(match) // 12
    held_out = score_candidates(session, model)[::step]
    with pytest.raises(TargetError, match="too few labelled pairs"):
        meet_target(session, model, PRECISE, LARGEST, sample(session, match, step), held_out)


@pytest.mark.parametrize("source", ["mixture", "conflicts", "nothing"])
def test_without_labels_some_starts_promise_nothing(
    learned: tuple[Session, PairModel, np.ndarray], source: str
) -> None:
    session, model, _ = learned
    model = replace(model, training=TrainingAccount(TrainingSource(source), "guesses"))
    with pytest.raises(TargetError, match="guesses") as refused:
        meet_target(session, model, PRECISE, LARGEST)
    assert "Linker.suggest" in refused.value.hint


def test_best_f1_needs_no_promise(learned: tuple[Session, PairModel, np.ndarray]) -> None:
    session, model, match = learned
    probability = score_candidates(session, model)
    few = sample(session, match, len(match) // 12)
    best = meet_target(session, model, BEST_F1, LARGEST, few, probability[:: len(match) // 12])
    accepted = probability >= best.threshold
    assert 2 * match[accepted].sum() / (accepted.sum() + match.sum()) > 0.8
