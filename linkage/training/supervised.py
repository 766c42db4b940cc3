"""Learning from labels: boosters by folds, the prior beside few labels, calibration, threshold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, logit

from linkage.evaluation.metrics import (
    average_precision,
    expected_calibration_error,
    log_loss,
)
from linkage.models.booster_ensemble import LARGEST, BoosterEnsemble
from linkage.models.held_out_scores import HeldOutScores
from linkage.models.known_matches import KnownMatches, KnownPartners, is_known_match_feature
from linkage.models.pair_model import PairModel
from linkage.models.pair_scorer import PairScorer, is_neighbour_feature
from linkage.models.score_terms import LinearPart
from linkage.models.training_account import TrainingAccount, TrainingSource
from linkage.scoring.compared_pairs import ComparedPairs
from linkage.scoring.record_folds import FOLDS
from linkage.training.boosting import train_folds, train_with_early_stopping
from linkage.training.folds import Folds, label_folds
from linkage.training.stacking import stacking_weights
from linkage.training.thresholds import BEST_F1, ThresholdTarget, platt

__all__ = ["BaseLabels", "LabelledPairs", "held_out_metrics", "train_on_labels"]

#: Share of labelled matches that share a record up to which one partner a record is the rule, and
#: the few others cost less than the false pairs that an assignment keeps out.
_REPEATED_MATCHES = 0.05
#: Labelled matches at which labels weigh as much as the prior.
_LABELS_LIKE_PRIOR = 60
#: Share of the prior below which it is left away.
_LEAST_PRIOR = 0.05
#: Weight of a label where pairs labelled by the prior are learned from beside it, and of those.
_LABEL_WEIGHT, _PRIOR_WEIGHT = 3.0, 0.1
#: Pseudo-observations that hold the calibration of few labels near that of the prior.
_PSEUDO_OBSERVATIONS = 3.0


@dataclass(frozen=True)
class LabelledPairs:
    """Pairs with features and labels.

    Attributes:
        comparison: the pairs.
        label: 1 match, 0 no match, shape (m,).
        weight: what each pair counts, shape (m,); all alike by default.
        hard_others: labelled pairs that do not match and are candidates; None: all that do not.
        stand_ins: pairs at the end that are not labelled, but stand in for such.
    """

    compared: ComparedPairs
    label: np.ndarray
    weight: np.ndarray | None = None
    hard_others: int | None = None
    pseudo_negatives: int = 0

    @property
    def rows(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Left rows, right rows and labels."""
        return self.compared.left, self.compared.right, self.label

    def part(self, chosen: np.ndarray) -> LabelledPairs:
        """Some of the pairs, by mask or position."""
        weight = None if self.weight is None else self.weight[chosen]
        return LabelledPairs(self.compared.part(chosen), self.label[chosen], weight)


@dataclass(frozen=True)
class BaseLabels:
    """Candidates with the opinion of the prior, where a label may be far away.

    Attributes:
        comparison: the candidates, or a sample of them.
        feature: name of the feature that holds the opinion, log-odds of a match.
    """

    compared: ComparedPairs
    feature: str


def train_on_labels(
    labelled: LabelledPairs,
    *,
    validation: LabelledPairs | None = None,
    base_model: BaseLabels | None = None,
    known: KnownMatches | None = None,
    is_linkage: bool,
    seed: int,
    threads: int,
    seeds: int = 1,
    target: ThresholdTarget = BEST_F1,
    one_to_one: str = "auto",
    quick: bool = False,
    progress: Callable[[float], None] | None = None,
) -> PairModel:
    """Trains a pair model on labelled pairs.

    Boosters learn from the labels alone, each fold's stopped early on that fold: some without what
    the neighbours of a pair's records tell, some with it, weighed by how they do on held-out pairs.
    Where labels are few they are blended with the prior: with its log-odds, and with boosters that
    learn from the labels and from candidates that the prior labels. The share of the prior falls as
    labelled matches grow.

    Args:
        labelled: pairs to learn from.
        validation: pairs to calibrate and to choose the threshold by; those of the held-out folds
            by default.
        prior: candidates with the opinion of a model that was started without labels.
        known: matches that the labels name, if the pairs come with features that tell of them:
            they are weighed by the held-out pairs.
        is_linkage: whether two tables are linked.
        seed: random seed.
        threads: threads; the model does not depend on it.
        seeds: boosters a fold.
        target: what the threshold aims at.
        one_to_one: ``yes``, ``no`` or ``auto``.
        quick: whether boosters are small, and learn from all features alone.
        progress: called with the share done.
    """
    compared, label = labelled.compared, labelled.label.astype(int)
    folds = label_folds(compared.left, compared.right, label)
    weight, matches = labelled.weight, int(label.sum())
    given = len(label) - labelled.pseudo_negatives
    others = given - matches if labelled.hard_others is None else labelled.hard_others
    notes: list[str] = []
    views = [_views(compared.names)[-1]] if quick else _views(compared.names)
    ensembles, scores = [], []
    for number, columns in enumerate(views):
        boosters, score = train_with_early_stopping(
            compared.matrix if columns is None else compared.matrix[:, columns],
            label, folds, weight=weight, seeds=seeds, seed=seed, threads=threads,
            quick=quick, progress=_part(progress, number, len(views)),
        )  # fmt: skip
        ensembles.append(BoosterEnsemble(boosters, by_fold=False, columns=columns))
        scores.append(np.clip(score, -LARGEST, LARGEST))
    weights = stacking_weights(np.column_stack(scores), label)
    held_out = np.asarray(np.column_stack(scores) @ weights)
    scorer = PairScorer(compared.names, ensembles=_weighted(ensembles, weights), folds=FOLDS)
    share = _LABELS_LIKE_PRIOR / (_LABELS_LIKE_PRIOR + min(matches, others))
    strength = 0.0
    if base_model is not None and share >= _LEAST_PRIOR:
        strength = _PSEUDO_OBSERVATIONS
        scorer, held_out = _blend(
            scorer, share, held_out, labelled, folds, base_model, seed, threads
        )
        notes.append(
            f"Labels are few: the model rests on them by {100 * (1 - share):.0f} %, and on what "
            "the tables show without labels by the rest."
        )
    if labelled.pseudo_negatives:
        notes.append(
            f"{matches:,} labelled pairs match, and {others:,} others are candidates: a smaller "
            "share than among all candidates, so that candidates that most likely do not match "
            "stand in for more. Labels of pairs that are hard to tell apart teach more "
            "(Linker.suggest)."
        )
    if known is not None:
        flags = np.column_stack([compared.column(name) for name in KnownPartners.names])
        known, held_out = known.weighed(held_out, flags, label)
        scorer = replace(scorer, known=known)
    checked, check_label = held_out, label
    if validation is not None:
        pairs = validation.compared
        check_label, weight = validation.label.astype(int), validation.weight
        checked = scorer.log_odds(pairs.matrix, pairs.fold, threads)  # not calibrated yet
    slope, intercept = platt(checked, check_label, strength=strength, weight=weight)
    probability = expit(slope * checked + intercept)
    threshold = target.threshold(probability, check_label, weight)
    if strength and validation is None and target == BEST_F1:
        # Few labels must not move the threshold freely: that of the prior is at even odds.
        threshold = float(expit((1 - share) * logit(threshold)))
    metrics = held_out_metrics(probability, check_label, threshold, weight)
    metrics["labels"] = len(check_label) if validation is not None else given
    single = False
    if is_linkage:
        justified = _repeated((compared.left, compared.right), label) <= _REPEATED_MATCHES
        single = one_to_one == "yes" or (one_to_one == "auto" and bool(justified))
    return PairModel(
        replace(scorer, slope=slope, intercept=intercept),
        threshold,
        one_to_one=single,
        training=TrainingAccount(
            TrainingSource.LABELS,
            f"{given:,} labelled pairs, {matches:,} of them matches",
            tuple(notes),
            metrics,
            HeldOutScores.count(probability, check_label, threshold),
        ),
    )


def _views(names: list[str]) -> list[list[int] | None]:
    """Columns of the boosters to be stacked: without what neighbours tell, and with it."""
    plain = [k for k, name in enumerate(names) if not is_neighbour_feature(name)]
    seen = _seen(names)
    every = None if len(seen) == len(names) else seen
    return [every] if len(plain) in (0, len(seen)) else [plain, every]


def _seen(names: list[str]) -> list[int]:
    """Columns that boosters see: known matches are weighed beside them."""
    return [k for k, name in enumerate(names) if not is_known_match_feature(name)]


def _weighted(
    ensembles: Sequence[BoosterEnsemble], weights: np.ndarray
) -> tuple[BoosterEnsemble, ...]:
    """The ensembles with their stacking weights, without those that weigh nothing."""
    weighted = [
        replace(ensemble, weight=float(weight))
        for ensemble, weight in zip(ensembles, weights, strict=True)
    ]
    return tuple(ensemble for ensemble in weighted if ensemble.weight > 0)


def _part(
    progress: Callable[[float], None] | None, number: int, parts: int
) -> Callable[[float], None] | None:
    return None if progress is None else lambda share: progress((number + share) / parts)


def _blend(
    scorer: PairScorer,
    share: float,
    held_out: np.ndarray,
    labelled: LabelledPairs,
    folds: Folds,
    base_model: BaseLabels,
    seed: int,
    threads: int,
) -> tuple[PairScorer, np.ndarray]:
    """The scorer with the base model as a share of its weight, and the blended held-out scores."""
    compared, label = labelled.compared, labelled.label.astype(int)
    own = compared.column(base_model.feature)
    opinion = base_model.compared.column(base_model.feature)
    weight = np.ones(len(label)) if labelled.weight is None else labelled.weight
    slope, intercept = platt(own, label, strength=_PSEUDO_OBSERVATIONS, weight=weight)
    calibrated = slope * own + intercept
    columns = _seen(compared.names)
    mixed = train_folds(
        np.concatenate([compared.matrix[:, columns], base_model.compared.matrix[:, columns]]),
        np.concatenate([label, opinion > 0]).astype(int),
        np.concatenate(
            [
                _LABEL_WEIGHT * weight,
                _PRIOR_WEIGHT * np.abs(2 * expit(opinion) - 1),
            ]
        ),
        np.concatenate([folds.left, base_model.compared.fold % folds.number]),
        folds=folds.number, seed=seed, threads=threads,
    )  # fmt: skip
    by_fold = BoosterEnsemble(mixed, by_fold=True, columns=columns)
    mixed_held_out = by_fold.raw(compared.matrix, folds.left, threads)
    own_share = [replace(part, weight=part.weight * (1 - share)) for part in scorer.ensembles]
    blended = replace(
        scorer,
        ensembles=(
            *own_share,
            BoosterEnsemble(mixed, by_fold=False, weight=share / 2, columns=columns),
        ),
        linear=LinearPart(base_model.feature, slope, intercept, weight=share / 2),
    )
    return blended, (1 - share) * held_out + share * (mixed_held_out + calibrated) / 2


def held_out_metrics(
    probability: np.ndarray,
    label: np.ndarray,
    threshold: float,
    weight: np.ndarray | None = None,
) -> dict[str, float]:
    """How held-out probabilities do, at the threshold and over all, and their calibration.

    Args:
        probability: calibrated probabilities.
        label: 1 match, 0 no match.
        threshold: probability at which a match begins.
        weight: what each pair counts at the threshold; all alike by default.
    """
    each = np.ones(len(label)) if weight is None else weight
    predicted = probability >= threshold
    hits = float(each[predicted & (label == 1)].sum())
    found, true = float(each[predicted].sum()), float(each[label == 1].sum())
    return {
        "labels": len(label),
        "f1": 2 * hits / max(found + true, 1e-9),
        "precision": hits / max(found, 1e-9),
        "recall": hits / max(true, 1e-9),
        "average_precision": average_precision(label, probability),
        "log_loss": log_loss(label, probability),
        "expected_calibration_error": expected_calibration_error(label, probability),
    }


def _repeated(rows: tuple[np.ndarray, np.ndarray], label: np.ndarray) -> float:
    matches = label == 1
    worst = 0.0
    for side in rows:
        _, counts = np.unique(side[matches], return_counts=True)
        worst = max(worst, 1 - len(counts) / max(counts.sum(), 1))
    return worst
