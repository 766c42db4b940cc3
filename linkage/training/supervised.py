"""Learning from labels: boosters by folds, blending with a base model, calibration, threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, logit

from linkage.evaluation.held_out_metrics import held_out_metrics
from linkage.models.booster_ensemble import LARGEST, BoosterEnsemble
from linkage.models.evidence.known_matches import (
    KnownMatches,
    KnownPartners,
    is_known_match_feature,
)
from linkage.models.evidence.score_terms import LinearPart
from linkage.models.held_out_scores import HeldOutScores
from linkage.models.pair_model import PairModel
from linkage.models.pair_scorer import PairScorer, is_neighbour_feature
from linkage.models.training_account import TrainingAccount, TrainingSource
from linkage.scoring.compared_pairs import ComparedPairs
from linkage.scoring.record_folds import FOLDS
from linkage.training.boosting import train_folds, train_with_early_stopping
from linkage.training.cuts.thresholds import best_f1_threshold, platt
from linkage.training.folds import Folds, label_folds
from linkage.training.progress import ShareFunction, part_of_progress
from linkage.training.stacking import stacking_weights

__all__ = ["BaseLabels", "LabelledPairs", "train_on_labels"]

#: Share of labelled matches that share a record up to which records are taken to have one match:
#: the matches lost by that are fewer than the false ones that a one-to-one assignment rejects.
_REPEATED_MATCHES = 0.05
#: Labels of the rarer class at which labels and the base model have equal shares.
_LABELS_LIKE_BASE_MODEL = 60
#: Share of the base model below which it is not used.
_LEAST_SHARE = 0.05
#: Weight of a label, and of a pair labelled by the base model, where both are learned from.
_LABEL_WEIGHT, _BASE_WEIGHT = 3.0, 0.1
#: Pseudo-observations that hold the calibration by few labels near that of the base model.
_PSEUDO_OBSERVATIONS = 3.0


@dataclass(frozen=True)
class LabelledPairs:
    """Pairs with features and labels.

    Attributes:
        compared: the pairs.
        label: 1 match, 0 no match, shape (m,).
        weight: weight of each pair in learning, shape (m,); all equal by default.
        sampling: number of pairs that each stands for, shape (m,): by it thresholds and metrics are
            weighted; None: not known.
        hard_negatives: number of labelled non-matches that are candidates; None: all of them.
        pseudo_negatives: number of unlabelled pairs at the end that are used as non-matches.
    """

    compared: ComparedPairs
    label: np.ndarray
    weight: np.ndarray | None = None
    sampling: np.ndarray | None = None
    hard_negatives: int | None = None
    pseudo_negatives: int = 0

    @property
    def rows(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Left rows, right rows and labels."""
        return self.compared.left, self.compared.right, self.label

    @property
    def labels(self) -> int:
        """Number of labelled pairs."""
        return len(self.label) - self.pseudo_negatives

    @property
    def negatives(self) -> int:
        """Number of labelled non-matches, of candidates alone where these are counted."""
        if self.hard_negatives is not None:
            return self.hard_negatives
        return self.labels - int(self.label.astype(int).sum())

    def part(self, chosen: np.ndarray) -> LabelledPairs:
        """Some of the pairs, by mask or position."""
        weight, sampling = (
            None if values is None else values[chosen] for values in (self.weight, self.sampling)
        )
        return LabelledPairs(self.compared.part(chosen), self.label[chosen], weight, sampling)

    def judging(
        self, account: TrainingAccount, probability: np.ndarray, threshold: float
    ) -> TrainingAccount:
        """Return an account with the metrics of held-out probabilities of the pairs."""
        label, weight = self.label.astype(int), self.weight_in_estimates
        metrics = held_out_metrics(probability, label, threshold, weight) | {"labels": self.labels}
        held_out = HeldOutScores.count(probability, label, threshold, self.sampling)
        return replace(account, metrics=metrics, held_out=held_out)

    @property
    def weight_in_estimates(self) -> np.ndarray | None:
        """Weight of each pair in calibration, thresholds and metrics.

        Sampling weights are scaled such that they sum to the number of equally weighted pairs that
        would tell as much (Kish 1965).
        """
        if self.sampling is None:
            return self.weight
        return np.asarray(self.sampling * (self.sampling.sum() / (self.sampling**2).sum()))


@dataclass(frozen=True)
class BaseLabels:
    """Candidates with base scores, by which a base model labels them.

    Attributes:
        compared: the candidates, or a sample of them.
        feature: name of the feature of the base score, log-odds of a match.
    """

    compared: ComparedPairs
    feature: str


def train_on_labels(
    labelled: LabelledPairs,
    *,
    validation: LabelledPairs | None = None,
    base_model: BaseLabels | None = None,
    known_matches: KnownMatches | None = None,
    is_linkage: bool,
    seed: int,
    threads: int,
    seeds: int = 1,
    one_to_one: str = "auto",
    quick: bool = False,
    progress: ShareFunction | None = None,
) -> tuple[PairModel, np.ndarray]:
    """Return a pair model trained on labelled pairs, and their held-out probabilities.

    Boosters learn from the labels alone, each stopped early on its held-out fold. Some learn
    without features of the neighbourhood of a pair's records, some with them; both are stacked by
    held-out scores. Where labels are few they are blended with the base model: with its score, and
    with boosters that learn from labels and from candidates that the base model labels. The share
    of the base model falls as labelled matches grow.

    Args:
        labelled: pairs to learn from.
        validation: pairs to calibrate and to choose the threshold by; those of the held-out folds
            by default.
        base_model: candidates with the score of a model learned without labels.
        known_matches: matches that the labels name, if the pairs have features of these: their
            weight is fitted on the held-out pairs.
        is_linkage: whether two tables are linked.
        seed: random seed.
        threads: threads; the model does not depend on it.
        seeds: boosters a fold.
        one_to_one: ``yes``, ``no`` or ``auto``.
        quick: whether boosters are small, and learn from all features only.
        progress: called with the share done.

    Returns:
        The model, and probabilities of the validation pairs, or of the labelled ones without these,
        by parts of it that did not learn from them.
    """
    compared, label = labelled.compared, labelled.label.astype(int)
    folds = label_folds(compared.left, compared.right, label)
    matches, negatives = int(label.sum()), labelled.negatives
    scorer, held_out = _stacked_boosters(labelled, folds, seeds, seed, threads, quick, progress)
    notes: list[str] = []
    share = _LABELS_LIKE_BASE_MODEL / (_LABELS_LIKE_BASE_MODEL + min(matches, negatives))
    strength = 0.0
    if base_model is not None and share >= _LEAST_SHARE:
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
            f"{matches:,} labelled pairs match, and {negatives:,} others are candidates: a smaller "
            "share than among all candidates, so that candidates that most likely do not match "
            "stand in for more. Labels of pairs that are hard to tell apart teach more "
            "(Linker.suggest)."
        )
    if known_matches is not None:
        flags = np.column_stack([compared.column(name) for name in KnownPartners.names])
        known_matches, held_out = known_matches.weighed(held_out, flags, label)
        scorer = replace(scorer, known=known_matches)
    judged = validation or labelled
    score, score_label, weight = held_out, judged.label.astype(int), judged.weight_in_estimates
    if validation is not None:
        pairs = validation.compared
        score = scorer.log_odds(pairs.matrix, pairs.fold, threads)  # not calibrated yet
    slope, intercept = platt(score, score_label, strength=strength, weight=weight)
    probability = expit(slope * score + intercept)
    threshold = best_f1_threshold(probability, score_label, weight)
    if strength and validation is None:
        # Few labels choose a threshold badly: it is drawn towards that of the base model, 0.5.
        threshold = float(expit((1 - share) * logit(threshold)))
    account = TrainingAccount(
        TrainingSource.LABELS,
        f"{labelled.labels:,} labelled pairs, {matches:,} of them matches",
        tuple(notes),
    )
    model = PairModel(
        replace(scorer, slope=slope, intercept=intercept),
        threshold,
        one_to_one=is_linkage and _is_one_to_one(labelled, one_to_one),
        training=judged.judging(account, probability, threshold),
    )
    return model, probability


def _stacked_boosters(
    labelled: LabelledPairs,
    folds: Folds,
    seeds: int,
    seed: int,
    threads: int,
    quick: bool,
    progress: ShareFunction | None,
) -> tuple[PairScorer, np.ndarray]:
    """Return a scorer of stacked boosters, and the held-out log-odds of the labelled pairs."""
    compared, label = labelled.compared, labelled.label.astype(int)
    feature_sets = _feature_sets(compared.names)
    if quick:
        feature_sets = feature_sets[-1:]
    ensembles, scores = [], []
    for number, columns in enumerate(feature_sets):
        start, stop = number / len(feature_sets), (number + 1) / len(feature_sets)
        boosters, score = train_with_early_stopping(
            compared.matrix if columns is None else compared.matrix[:, columns],
            label, folds, weight=labelled.weight, seeds=seeds, seed=seed, threads=threads,
            quick=quick, progress=part_of_progress(progress, start, stop),
        )  # fmt: skip
        ensembles.append(BoosterEnsemble(boosters, by_fold=False, columns=columns))
        scores.append(np.clip(score, -LARGEST, LARGEST))
    weights = stacking_weights(np.column_stack(scores), label)
    held_out = np.asarray(np.column_stack(scores) @ weights)
    scorer = PairScorer(compared.names, ensembles=_weighted(ensembles, weights), folds=FOLDS)
    return scorer, held_out


def _is_one_to_one(labelled: LabelledPairs, one_to_one: str) -> bool:
    """Return whether records have one match each: by configuration, or by the labelled matches."""
    justified = _repeated_share(labelled) <= _REPEATED_MATCHES
    return one_to_one == "yes" or (one_to_one == "auto" and bool(justified))


def _feature_sets(names: list[str]) -> list[list[int] | None]:
    """Return columns of the boosters to stack: without and with features of the neighbourhood."""
    plain = [k for k, name in enumerate(names) if not is_neighbour_feature(name)]
    columns = _booster_columns(names)
    every = None if len(columns) == len(names) else columns
    return [every] if len(plain) in (0, len(columns)) else [plain, every]


def _booster_columns(names: list[str]) -> list[int]:
    """Return columns of the boosters: all but known matches, which are weighed separately."""
    return [k for k, name in enumerate(names) if not is_known_match_feature(name)]


def _weighted(
    ensembles: Sequence[BoosterEnsemble], weights: np.ndarray
) -> tuple[BoosterEnsemble, ...]:
    """Return the ensembles with their stacking weights, without those of weight 0."""
    weighted = [
        replace(ensemble, weight=float(weight))
        for ensemble, weight in zip(ensembles, weights, strict=True)
    ]
    return tuple(ensemble for ensemble in weighted if ensemble.weight > 0)


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
    """Return the scorer blended with the base model, and the blended held-out scores.

    Half of the share is the calibrated base score; the other half are boosters that learn from
    labels and from candidates that the base model labels.
    """
    compared, label = labelled.compared, labelled.label.astype(int)
    own_score = compared.column(base_model.feature)
    base_score = base_model.compared.column(base_model.feature)
    weight = np.ones(len(label)) if labelled.weight is None else labelled.weight
    slope, intercept = platt(own_score, label, strength=_PSEUDO_OBSERVATIONS, weight=weight)
    calibrated = slope * own_score + intercept
    columns = _booster_columns(compared.names)
    boosters = train_folds(
        np.concatenate([compared.matrix[:, columns], base_model.compared.matrix[:, columns]]),
        np.concatenate([label, base_score > 0]).astype(int),
        np.concatenate(
            [
                _LABEL_WEIGHT * weight,
                _BASE_WEIGHT * np.abs(2 * expit(base_score) - 1),
            ]
        ),
        np.concatenate([folds.left, base_model.compared.fold % folds.number]),
        np.concatenate([compared.keys, base_model.compared.keys]),
        folds=folds.number, seed=seed, threads=threads,
    )  # fmt: skip
    by_fold = BoosterEnsemble(boosters, by_fold=True, columns=columns)
    boosters_held_out = by_fold.raw(compared.matrix, folds.left, threads)
    own_share = [replace(part, weight=part.weight * (1 - share)) for part in scorer.ensembles]
    blended = replace(
        scorer,
        ensembles=(
            *own_share,
            BoosterEnsemble(boosters, by_fold=False, weight=share / 2, columns=columns),
        ),
        linear=LinearPart(base_model.feature, slope, intercept, weight=share / 2),
    )
    return blended, (1 - share) * held_out + share * (boosters_held_out + calibrated) / 2


def _repeated_share(labelled: LabelledPairs) -> float:
    """Return the share of the labelled matches that share a record with another, of either side."""
    matches = labelled.label.astype(int) == 1
    largest = 0.0
    for rows in (labelled.compared.left, labelled.compared.right):
        _, counts = np.unique(rows[matches], return_counts=True)
        largest = max(largest, 1 - len(counts) / max(counts.sum(), 1))
    return largest
