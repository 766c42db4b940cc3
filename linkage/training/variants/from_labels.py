"""Learning from labels which records are variants of one product.

The model learned without labels stays the base model: its score is a feature, and boosters that
learn from labels are blended with it by the share of best held-out F1, if that is significantly
better than the base model alone. So uninformative labels do no harm.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, logit

from linkage.config.authored import Config
from linkage.models.booster_ensemble import BoosterEnsemble
from linkage.models.evidence.score_terms import LinearPart
from linkage.models.pair_model import PairModel
from linkage.models.pair_scorer import PairScorer
from linkage.models.training_account import TrainingAccount, TrainingSource
from linkage.scoring.base_score import LOG_ODDS
from linkage.scoring.collapsed_session import CollapsedSession
from linkage.scoring.compared_pairs import ComparedPairs
from linkage.scoring.score import score_candidates
from linkage.training.boosting import train_folds
from linkage.training.cuts.thresholds import BEST_F1, ThresholdTarget, platt
from linkage.training.folds import Folds, label_folds
from linkage.training.pair_labels import PairLabels
from linkage.training.train import learn_without_labels
from linkage.training.variants.label_errors import CollapsedEvaluator, Errors
from linkage.training.variants.labels import CollapsedLabels, collapse_labels, negative_weight
from linkage.training.variants.strict_evidence import StrictEvidence

if TYPE_CHECKING:
    import lightgbm

__all__ = ["learn_variants_from_labels"]

#: Labelled pairs of a class below which nothing is learned from labels.
_FEWEST = 10
#: Shares of the boosters beside the base model that are tried. Not 0, which would only recalibrate:
#: few labels choose a threshold badly, but do teach the weights of features.
_SHARES = (0.25, 0.5, 0.75)
#: Standard errors by which F1 must be better than that of the base model.
_STANDARD_ERRORS = 1.0
#: Labels are few and partly wrong: boosters are smoothed against overfitting.
_SMOOTH = {"path_smooth": 10.0}
#: Candidates labelled by the base model that are learned from beside labels, and the weight of each
#: beside a label's.
_MOST_BASE_PAIRS, _BASE_WEIGHT = 20_000, 0.1
#: Pseudo-observations that hold the calibration near that of the base model.
_PSEUDO_OBSERVATIONS = 3.0
#: Probability of even odds.
_EVEN = 0.5


@dataclass(frozen=True)
class _HeldOut:
    """Labelled pairs with scores of models that have not learned from them.

    Attributes:
        labels: the labelled pairs.
        base_score: log-odds of the base model.
        booster_score: log-odds of boosters that learned from labels.
        negative_weight: weight of a non-match.
    """

    labels: CollapsedLabels
    base_score: np.ndarray
    booster_score: np.ndarray
    negative_weight: float

    @property
    def weight(self) -> np.ndarray:
        """Weight of each pair."""
        return _weight(self.labels, self.negative_weight)

    def blend(self, share: float) -> np.ndarray:
        """Return log-odds of both models, with a share of the boosters."""
        return (1 - share) * self.base_score + share * self.booster_score


@dataclass(frozen=True)
class _Blend:
    """A share of boosters beside the base model, its calibration, and its errors at even odds."""

    share: float
    slope: float
    intercept: float
    errors: Errors


def learn_variants_from_labels(
    session: CollapsedSession,
    labels: PairLabels,
    config: Config,
    validation: PairLabels | None = None,
    *,
    target: ThresholdTarget | None = None,
    strict: StrictEvidence | None = None,
) -> PairModel:
    """Return a pair model of collapsed records that learned from labels of records.

    Args:
        session: the collapsed records.
        labels: labels of records.
        config: the configuration.
        validation: labels to choose the model by; held-out folds of the labels by default.
        target: what the threshold aims at; that of the configuration by default.
        strict: results of the strictest definition, if there are any.
    """
    target = target or ThresholdTarget(config.training.precision, config.training.recall)
    session.release_words()
    session.drop_added()
    base_model = learn_without_labels(session, config, BEST_F1, strict)
    collapsed = collapse_labels(labels, session.collapsed, session.candidates)
    weight = _negative_weight(session, collapsed, score_candidates(session, base_model))
    count = np.bincount(collapsed.label, minlength=2)
    if count.min() < _FEWEST:
        note = (
            f"The labels hold {count[1]:,} matching and {count[0]:,} other pairs of different "
            "texts, too few to learn from: the model is the one started without labels."
        )
        return replace(base_model, training=base_model.training.noting(note))
    session.add_base_model(base_model)
    boosters, held_out = _train(session, collapsed, weight, config.seed)
    if validation is not None:
        held_out = _validation_scores(session, validation, base_model, boosters)
    evaluator = CollapsedEvaluator(held_out.labels, session.collapsed, held_out.negative_weight)
    base = _Blend(0.0, 1.0, 0.0, evaluator.errors(expit(held_out.base_score), _EVEN))
    chosen = _choose(evaluator, held_out, base)
    if chosen is base:
        session.drop_added()
        # The base score is log-odds relative to the threshold of its model.
        cut = float(logit(base_model.threshold))
        scorer = replace(base_model.scorer, intercept=base_model.scorer.intercept - cut)
        model = replace(base_model, scorer=scorer)
    else:
        scorer = PairScorer(
            session.names,
            ensembles=(BoosterEnsemble(boosters, by_fold=False, weight=chosen.share),),
            linear=LinearPart(LOG_ODDS, 1.0, 0.0, 1 - chosen.share),
            slope=chosen.slope,
            intercept=chosen.intercept,
        )
        model = PairModel(scorer, base_model=base_model)
    threshold, errors = _EVEN, chosen.errors
    if target != BEST_F1:
        probability = expit(chosen.slope * held_out.blend(chosen.share) + chosen.intercept)
        threshold = target.threshold(probability, held_out.labels.label, held_out.weight)
        errors = evaluator.errors(probability, threshold)
    account = TrainingAccount(
        TrainingSource.LABELS,
        f"{len(collapsed):,} labelled pairs of different texts, {count[1]:,} of them matches; "
        f"before labels, {base_model.training.anchor}",
        (*base_model.training.notes, _note_of_choice(chosen, base)),
        {"labels": len(held_out.labels), **errors.metrics},
    )
    return replace(model, threshold=threshold, training=account)


def _train(
    session: CollapsedSession, labels: CollapsedLabels, negative_weight: float, seed: int
) -> tuple[list[lightgbm.Booster], _HeldOut]:
    """Return boosters trained on labelled pairs, and the held-out scores of these."""
    compared = session.compare(labels.left, labels.right, "Compare labelled pairs")
    folds = label_folds(labels.left, labels.right, labels.label)
    with session.log.step("Train on labels"):
        boosters = _train_boosters(session, compared, labels, negative_weight, folds, seed)
        score = BoosterEnsemble(boosters, by_fold=True).raw(
            compared.matrix, folds.left, session.resolved.threads
        )
    base_score = compared.column(LOG_ODDS).astype(np.float64)
    return boosters, _HeldOut(labels, base_score, score, negative_weight)


def _train_boosters(
    session: CollapsedSession,
    compared: ComparedPairs,
    labels: CollapsedLabels,
    negative_weight: float,
    folds: Folds,
    seed: int,
) -> list[lightgbm.Booster]:
    """Return boosters trained on labelled pairs, and on candidates labelled by the base model."""
    sample = session.compared_pairs().sample(_MOST_BASE_PAIRS)
    base_score = sample.column(LOG_ODDS)
    confidence = _BASE_WEIGHT * np.abs(2 * expit(base_score) - 1)
    fold = sample.fold % folds.number
    return train_folds(
        np.concatenate([compared.matrix, sample.matrix]),
        np.concatenate([labels.label, base_score > 0]).astype(int),
        np.concatenate([_weight(labels, negative_weight), confidence]),
        np.concatenate([np.column_stack([folds.left, folds.right]), np.column_stack([fold, fold])]),
        np.concatenate([compared.keys, sample.keys]),
        folds=folds.number, seed=seed, threads=session.resolved.threads, parameters=_SMOOTH,
    )  # fmt: skip


def _validation_scores(
    session: CollapsedSession,
    validation: PairLabels,
    base_model: PairModel,
    boosters: list[lightgbm.Booster],
) -> _HeldOut:
    """Return validation labels with the scores of both models."""
    labels = collapse_labels(validation, session.collapsed, session.candidates)
    compared = session.compare(labels.left, labels.right, "Compare validation pairs")
    ensemble = BoosterEnsemble(boosters, by_fold=False)
    return _HeldOut(
        labels,
        compared.column(LOG_ODDS).astype(np.float64),
        ensemble.raw(compared.matrix, compared.fold, session.resolved.threads),
        _negative_weight(session, labels, score_candidates(session, base_model)),
    )


def _choose(evaluator: CollapsedEvaluator, held_out: _HeldOut, base: _Blend) -> _Blend:
    """Return the blend of best held-out F1 that is significantly better than the base, or that."""
    best = base
    for share in _SHARES:
        raw = held_out.blend(share)
        slope, intercept = platt(
            raw, held_out.labels.label, strength=_PSEUDO_OBSERVATIONS, weight=held_out.weight
        )
        errors = evaluator.errors(expit(slope * raw + intercept), _EVEN)
        if errors.f1 > best.errors.f1 and errors.better_than(base.errors, _STANDARD_ERRORS):
            best = _Blend(share, slope, intercept, errors)
    return best


def _weight(labels: CollapsedLabels, negative_weight: float) -> np.ndarray:
    """Return the weight of each labelled pair."""
    return labels.weight * np.where(labels.label == 1, 1.0, negative_weight)


def _negative_weight(
    session: CollapsedSession, labels: CollapsedLabels, probability: np.ndarray
) -> float:
    """Return the weight of a labelled non-match; 1 unless whole entities are labelled.

    Args:
        session: the collapsed records.
        labels: the labelled pairs.
        probability: probability of a match of each candidate by the model without labels.
    """
    if labels.entity is None:
        return 1.0
    labelled = np.zeros(len(session.collapsed.first_record), bool)
    labelled[session.collapsed.row_of_record[labels.entity >= 0]] = True
    return negative_weight(session.candidates, probability, labelled, labels.label)


def _note_of_choice(chosen: _Blend, base: _Blend) -> str:
    """Return a sentence for the user on the gain by labels."""
    if chosen is base:
        return (
            "Labels held out do not show that learning from them is better than the start without "
            f"labels (F1 {base.errors.f1:.3f}), which is kept."
        )
    return (
        f"Labels weigh {100 * chosen.share:.0f} % beside the start without labels: F1 on labels "
        f"held out is {chosen.errors.f1:.3f}, without labels {base.errors.f1:.3f}."
    )
