"""Learning from labels what a definition that ignores attributes takes as one product.

The model that was started without labels stays the base: its opinion is a feature, and boosters
that learn from the labels join it by the share that does best on labels they have not seen, if that
is better beyond chance. So labels that teach nothing cost nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, logit

from linkage.config.authored import Config
from linkage.models.booster_ensemble import BoosterEnsemble
from linkage.models.pair_model import PairModel
from linkage.models.pair_scorer import PairScorer
from linkage.models.score_terms import LinearPart
from linkage.models.training_account import TrainingAccount, TrainingSource
from linkage.scoring.base_score import LOG_ODDS
from linkage.scoring.collapsed_session import CollapsedSession
from linkage.scoring.compared_pairs import ComparedPairs
from linkage.scoring.score import score_candidates
from linkage.training.boosting import train_folds
from linkage.training.folds import Folds, label_folds
from linkage.training.pair_labels import PairLabels
from linkage.training.thresholds import BEST_F1, ThresholdTarget, platt
from linkage.training.train import learn_without_labels
from linkage.training.variants.label_errors import CollapsedEvaluator, Errors
from linkage.training.variants.labels import CollapsedLabels, collapse_labels, labelled_share
from linkage.training.variants.strict_evidence import StrictEvidence

if TYPE_CHECKING:
    import lightgbm

__all__ = ["learn_variants_from_labels"]

#: Labelled pairs of a class below which labels say nothing beyond equal texts.
_FEWEST = 10
#: Shares of what labels taught that are tried beside the model started without labels. Never none:
#: few labels move a threshold about, but what they teach of features holds.
_SHARES = (0.25, 0.5, 0.75)
#: Standard errors by which labels must do better than none.
_BEYOND_CHANCE = 1.0
#: Labels are few and partly wrong: what they teach must not be learned by heart.
_SMOOTH = {"path_smooth": 10.0}
#: Candidates labelled by the model without labels that are learned from beside labels, and the
#: weight of each beside a label's.
_MOST_PRIOR_PAIRS, _PRIOR_WEIGHT = 20_000, 0.1
#: Pseudo-observations that hold the calibration near that of the model without labels.
_PSEUDO_OBSERVATIONS = 3.0
_EVEN = 0.5


@dataclass(frozen=True)
class _HeldOut:
    """Labelled pairs with what models say of them that have not learned from them.

    Attributes:
        known: the pairs.
        opinion: log-odds without labels.
        taught: log-odds of boosters that learned from labels.
        others: what a pair that does not match counts.
    """

    known: CollapsedLabels
    opinion: np.ndarray
    taught: np.ndarray
    others: float

    @property
    def weight(self) -> np.ndarray:
        """What each pair counts."""
        return _weight(self.known, self.others)


@dataclass(frozen=True)
class _Option:
    """A model that could be chosen: its share of boosters, calibration, and errors at even odds."""

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
    """Trains on labelled records of a session of forms.

    Args:
        session: the records, brought to forms.
        labels: of records.
        config: the configuration.
        validation: labels to choose the model by; held-out folds of the labels by default.
        target: what the threshold aims at; that of the configuration by default.
        strict: what the strictest definition shows of this one, if anything.
    """
    collapsed = session.collapsed
    target = target or ThresholdTarget(config.training.precision, config.training.recall)
    session.release_words()
    session.drop_added()
    plain = learn_without_labels(session, config, BEST_F1, strict)
    known = collapse_labels(labels, collapsed, session.candidates)
    others = _weight_of_others(session, known, score_candidates(session, plain))
    count = np.bincount(known.label, minlength=2)
    if count.min() < _FEWEST:
        note = (
            f"The labels hold {count[1]:,} matching and {count[0]:,} other pairs of different "
            "texts, too few to learn from: the model is the one started without labels."
        )
        return replace(plain, training=plain.training.noting(note))
    threads = session.resolved.threads
    session.add_base_model(plain)
    compared = session.compare(known.left, known.right, "Compare labelled pairs")
    folds = label_folds(known.left, known.right, known.label)
    with session.log.step("Train on labels"):
        boosters = _train(session, compared, known, others, folds, config.seed)
        taught = BoosterEnsemble(boosters, by_fold=True).raw(compared.matrix, folds.left, threads)
    held_out = _HeldOut(known, compared.column(LOG_ODDS).astype(np.float64), taught, others)
    if validation is not None:
        checked = collapse_labels(validation, collapsed, session.candidates)
        pairs = session.compare(checked.left, checked.right, "Compare validation pairs")
        held_out = _HeldOut(
            checked,
            pairs.column(LOG_ODDS).astype(np.float64),
            BoosterEnsemble(boosters, by_fold=False).raw(pairs.matrix, pairs.fold, threads),
            _weight_of_others(session, checked, score_candidates(session, plain)),
        )
    evaluator = CollapsedEvaluator(held_out.known, collapsed, held_out.others)
    base = _Option(0.0, 1.0, 0.0, evaluator.errors(expit(held_out.opinion), _EVEN))
    chosen = _choose(evaluator, held_out, base)
    if chosen is base:
        session.drop_added()
        # The base score is log-odds against the threshold of the model it is of.
        cut = float(logit(plain.threshold))
        scorer = replace(plain.scorer, intercept=plain.scorer.intercept - cut)
        model = replace(plain, scorer=scorer)
    else:
        scorer = PairScorer(
            session.names,
            ensembles=(BoosterEnsemble(boosters, by_fold=False, weight=chosen.share),),
            linear=LinearPart(LOG_ODDS, 1.0, 0.0, 1 - chosen.share),
            slope=chosen.slope,
            intercept=chosen.intercept,
        )
        model = PairModel(scorer, base_model=plain)
    threshold, errors = _EVEN, chosen.errors
    if target != BEST_F1:
        raw = _blend(held_out, chosen.share)
        probability = expit(chosen.slope * raw + chosen.intercept)
        threshold = target.threshold(probability, held_out.known.label, held_out.weight)
        errors = evaluator.errors(probability, threshold)
    account = TrainingAccount(
        TrainingSource.LABELS,
        f"{len(known):,} labelled pairs of different texts, {count[1]:,} of them matches; "
        f"before labels, {plain.training.anchor}",
        (*plain.training.notes, _verdict(chosen, base)),
        {"labels": len(held_out.known), **errors.metrics},
    )
    return replace(model, threshold=threshold, training=account)


def _train(
    session: CollapsedSession,
    compared: ComparedPairs,
    known: CollapsedLabels,
    others: float,
    folds: Folds,
    seed: int,
) -> list[lightgbm.Booster]:
    """Boosters of labelled pairs, and of candidates as the model without labels sees them."""
    guessed = session.compared_pairs().sample(_MOST_PRIOR_PAIRS)
    opinion = guessed.column(LOG_ODDS)
    sure = _PRIOR_WEIGHT * np.abs(2 * expit(opinion) - 1)
    fold = guessed.fold % folds.number
    return train_folds(
        np.concatenate([compared.matrix, guessed.matrix]),
        np.concatenate([known.label, opinion > 0]).astype(int),
        np.concatenate([_weight(known, others), sure]),
        np.concatenate([np.column_stack([folds.left, folds.right]), np.column_stack([fold, fold])]),
        folds=folds.number, seed=seed, threads=session.resolved.threads, parameters=_SMOOTH,
    )  # fmt: skip


def _choose(evaluator: CollapsedEvaluator, held_out: _HeldOut, base: _Option) -> _Option:
    """The share of best held-out F1 that is better than no labels beyond chance, or the base."""
    best = base
    for share in _SHARES:
        raw = _blend(held_out, share)
        slope, intercept = platt(
            raw, held_out.known.label, strength=_PSEUDO_OBSERVATIONS, weight=held_out.weight
        )
        errors = evaluator.errors(expit(slope * raw + intercept), _EVEN)
        if errors.f1 > best.errors.f1 and errors.better_than(base.errors, _BEYOND_CHANCE):
            best = _Option(share, slope, intercept, errors)
    return best


def _blend(held_out: _HeldOut, share: float) -> np.ndarray:
    return (1 - share) * held_out.opinion + share * held_out.taught


def _weight(known: CollapsedLabels, others: float) -> np.ndarray:
    return known.weight * np.where(known.label == 1, 1.0, others)


def _weight_of_others(
    session: CollapsedSession, known: CollapsedLabels, probability: np.ndarray
) -> float:
    """What a labelled pair that does not match counts, for labels to be in true proportion."""
    if known.entity is None:
        return 1.0
    labelled = np.zeros(len(session.collapsed.first_record), bool)
    labelled[session.collapsed.row_of_record[known.entity >= 0]] = True
    return labelled_share(session.candidates, probability, labelled, known.label)


def _verdict(chosen: _Option, base: _Option) -> str:
    """What the labels were good for, a sentence for the user."""
    if chosen is base:
        return (
            "Labels held out do not show that learning from them is better than the start without "
            f"labels (F1 {base.errors.f1:.3f}), which is kept."
        )
    return (
        f"Labels weigh {100 * chosen.share:.0f} % beside the start without labels: F1 on labels "
        f"held out is {chosen.errors.f1:.3f}, without labels {base.errors.f1:.3f}."
    )
