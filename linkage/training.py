"""Learning from labels: boosters by folds, the prior beside few labels, calibration, threshold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from linkage.boosters import train_folds, train_with_early_stopping
from linkage.comparison import Comparison
from linkage.evaluation import average_precision, expected_calibration_error, log_loss
from linkage.folds import FOLDS, Folds, label_folds
from linkage.known_matches import KnownMatches, KnownPartners, is_of_known_matches
from linkage.pair_model import LARGEST, BoosterSet, LinearPart, PairModel, is_of_neighbours
from linkage.stacking import stacking_weights
from linkage.thresholds import best_f1_threshold, cut_for_dial, platt

__all__ = ["Dial", "LabelledPairs", "PriorLabels", "held_out_metrics", "train_on_labels"]

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
    """

    comparison: Comparison
    label: np.ndarray

    @property
    def rows(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Left rows, right rows and labels."""
        return self.comparison.left, self.comparison.right, self.label

    def part(self, chosen: np.ndarray) -> LabelledPairs:
        """Some of the pairs, by mask or position."""
        return LabelledPairs(self.comparison.part(chosen), self.label[chosen])


@dataclass(frozen=True)
class PriorLabels:
    """Candidates with the opinion of the prior, where a label may be far away.

    Attributes:
        comparison: the candidates, or a sample of them.
        feature: name of the feature that holds the opinion, log-odds of a match.
    """

    comparison: Comparison
    feature: str


@dataclass(frozen=True)
class Dial:
    """What the threshold aims at: a precision, a recall, or neither for best F1."""

    precision: float | None = None
    recall: float | None = None

    def threshold(self, probability: np.ndarray, label: np.ndarray) -> float:
        """The probability at which a match begins.

        Args:
            probability: calibrated probabilities of held-out pairs.
            label: 1 match, 0 no match.
        """
        if self.precision is None and self.recall is None:
            return best_f1_threshold(probability, label)
        score = logit(np.clip(probability, 1e-9, 1 - 1e-9))
        cut = cut_for_dial(score, label, precision=self.precision, recall=self.recall)
        return float(np.clip(expit(cut), 1e-6, 1 - 1e-6))


def train_on_labels(
    labelled: LabelledPairs,
    *,
    validation: LabelledPairs | None = None,
    prior: PriorLabels | None = None,
    known: KnownMatches | None = None,
    is_linkage: bool,
    seed: int,
    threads: int,
    seeds: int = 1,
    dial: Dial = Dial(),
    one_to_one: str = "auto",
    progress: Callable[[float], None] | None = None,
) -> PairModel:
    """Trains a pair model on labelled pairs.

    Boosters learn from the labels alone, each fold's stopped early on that fold: some without what
    the neighbours of a pair's records tell, some with it, weighed by how they do on held-out pairs.
    Where labels are
    few they are blended with the prior: with its log-odds, and with boosters that learn from the
    labels and from candidates that the prior labels. The share of the prior falls as labelled
    matches grow.

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
        dial: what the threshold aims at.
        one_to_one: ``yes``, ``no`` or ``auto``.
        progress: called with the share done.
    """
    comparison, label = labelled.comparison, labelled.label.astype(int)
    folds = label_folds(comparison.left, comparison.right, label)
    matches = int(label.sum())
    model = PairModel(
        comparison.names,
        folds=FOLDS,
        anchor=f"{len(label):,} labelled pairs, {matches:,} of them matches",
    )
    views = _views(comparison.names)
    scores = []
    for number, columns in enumerate(views):
        boosters, score = train_with_early_stopping(
            comparison.matrix if columns is None else comparison.matrix[:, columns],
            label, folds, seeds=seeds, seed=seed, threads=threads,
            progress=_part(progress, number, len(views)),
        )  # fmt: skip
        model.sets.append(BoosterSet(boosters, by_fold=False, columns=columns))
        scores.append(np.clip(score, -LARGEST, LARGEST))
    held_out = _stack(model, np.column_stack(scores), label)
    share = _LABELS_LIKE_PRIOR / (_LABELS_LIKE_PRIOR + min(matches, len(label) - matches))
    strength = 0.0
    if prior is not None and share >= _LEAST_PRIOR:
        strength = _PSEUDO_OBSERVATIONS
        held_out = _blend(model, share, held_out, labelled, folds, prior, seed, threads)
        model.notes.append(
            f"Labels are few: the model rests on them by {100 * (1 - share):.0f} %, and on what "
            "the tables show without labels by the rest."
        )
    if known is not None:
        flags = np.column_stack([comparison.column(name) for name in KnownPartners.names])
        model.known, held_out = known.weighed(held_out, flags, label)
    checked, check_label = held_out, label
    if validation is not None:
        pairs = validation.comparison
        check_label = validation.label.astype(int)
        checked = model.log_odds(pairs.matrix, pairs.fold, threads)  # not calibrated yet
    model.slope, model.intercept = platt(checked, check_label, strength=strength)
    probability = expit(model.slope * checked + model.intercept)
    model.threshold = dial.threshold(probability, check_label)
    if strength and validation is None and dial == Dial():
        # Few labels must not move the threshold freely: that of the prior is at even odds.
        model.threshold = float(expit((1 - share) * logit(model.threshold)))
    model.metrics = held_out_metrics(probability, check_label, model.threshold)
    if is_linkage:
        justified = _repeated((comparison.left, comparison.right), label) <= _REPEATED_MATCHES
        model.one_to_one = one_to_one == "yes" or (one_to_one == "auto" and bool(justified))
    return model


def _views(names: list[str]) -> list[list[int] | None]:
    """Columns of the boosters to be stacked: without what neighbours tell, and with it."""
    plain = [k for k, name in enumerate(names) if not is_of_neighbours(name)]
    seen = _seen(names)
    every = None if len(seen) == len(names) else seen
    return [every] if len(plain) in (0, len(seen)) else [plain, every]


def _seen(names: list[str]) -> list[int]:
    """Columns that boosters see: known matches are weighed beside them."""
    return [k for k, name in enumerate(names) if not is_of_known_matches(name)]


def _stack(model: PairModel, scores: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Weighs the sets of a model by their held-out scores; returns the stacked scores."""
    weights = stacking_weights(scores, label)
    for part, weight in zip(model.sets, weights, strict=True):
        part.weight = float(weight)
    model.sets = [part for part in model.sets if part.weight > 0]
    return np.asarray(scores @ weights)


def _part(
    progress: Callable[[float], None] | None, number: int, parts: int
) -> Callable[[float], None] | None:
    return None if progress is None else lambda share: progress((number + share) / parts)


def _blend(
    model: PairModel,
    share: float,
    held_out: np.ndarray,
    labelled: LabelledPairs,
    folds: Folds,
    prior: PriorLabels,
    seed: int,
    threads: int,
) -> np.ndarray:
    """Adds the prior to a model by a share of its weight; returns the blended held-out scores."""
    comparison, label = labelled.comparison, labelled.label.astype(int)
    own = comparison.column(prior.feature)
    opinion = prior.comparison.column(prior.feature)
    slope, intercept = platt(own, label, strength=_PSEUDO_OBSERVATIONS)
    calibrated = slope * own + intercept
    columns = _seen(comparison.names)
    mixed = train_folds(
        np.concatenate([comparison.matrix[:, columns], prior.comparison.matrix[:, columns]]),
        np.concatenate([label, opinion > 0]).astype(int),
        np.concatenate(
            [
                np.full(len(label), _LABEL_WEIGHT),
                _PRIOR_WEIGHT * np.abs(2 * expit(opinion) - 1),
            ]
        ),
        np.concatenate([folds.left, prior.comparison.fold % folds.number]),
        folds=folds.number, seed=seed, threads=threads,
    )  # fmt: skip
    by_fold = BoosterSet(mixed, by_fold=True, columns=columns)
    mixed_held_out = by_fold.raw(comparison.matrix, folds.left, threads)
    for part in model.sets:
        part.weight *= 1 - share
    model.sets.append(BoosterSet(mixed, by_fold=False, weight=share / 2, columns=columns))
    model.linear = LinearPart(prior.feature, slope, intercept, weight=share / 2)
    return (1 - share) * held_out + share * (mixed_held_out + calibrated) / 2


def held_out_metrics(
    probability: np.ndarray, label: np.ndarray, threshold: float
) -> dict[str, float]:
    """How held-out probabilities do, at the threshold and over all, and their calibration."""
    predicted = probability >= threshold
    hits = float(np.sum(predicted & (label == 1)))
    return {
        "labels": len(label),
        "f1": _f1(label, predicted),
        "precision": hits / max(float(predicted.sum()), 1),
        "recall": hits / max(float(label.sum()), 1),
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


def _f1(label: np.ndarray, predicted: np.ndarray) -> float:
    return (
        2 * float(np.sum(predicted & (label == 1))) / max(float(predicted.sum() + label.sum()), 1)
    )
