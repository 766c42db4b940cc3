"""Learning without labels from mutual nearest neighbours of two tables."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from linkage.clustering.assignment import assign_best_first, repeats_share
from linkage.models.pair_model import PairModel
from linkage.models.pair_scorer import PairScorer
from linkage.models.training_account import TrainingAccount, TrainingSource
from linkage.scoring.compared_pairs import ComparedPairs
from linkage.scoring.record_folds import FOLDS
from linkage.training.cuts.thresholds import decoy_cut
from linkage.training.progress import ShareFunction, report_share
from linkage.training.unsupervised.ensemble_training import (
    negatives_in_proportion,
    train_ensemble,
)
from linkage.training.unsupervised.seed_pairs import mutual_votes

__all__ = ["MOST_REPEATS", "start_from_neighbours"]

#: Expected matches below which a self-training round would learn from noise.
_FEWEST_FOR_SELF_TRAINING = 300
#: Rejected pairs that score as well as accepted ones, as a share of these, from which records are
#: taken to have several partners.
MOST_REPEATS = 0.5


def start_from_neighbours(
    compared: ComparedPairs,
    *,
    seed: int,
    threads: int,
    quick: bool = False,
    progress: ShareFunction | None = None,
    sizes: tuple[int, int] | None = None,
) -> tuple[PairModel, float] | None:
    """Return a model learned from mutual nearest neighbours of two tables in several spaces.

    One ensemble learns from each number of spaces in which a match must be mutual. Self-training
    rounds then add ensembles that learn from a one-to-one assignment, cut by target and decoy.

    Args:
        compared: candidate pairs, each of a left and a right record.
        seed: random seed.
        threads: threads; the model does not depend on it.
        quick: see `train_folds`.
        progress: called with the share done.
        sizes: numbers of left and of right records; those of the two tables by default.

    Returns:
        The model, and the share of repeats (`linkage.clustering.assignment.repeats_share`); None
        where no records are each other's neighbours, or all are.
    """
    left, right = compared.left, compared.right
    voting = [space for name, space in compared.spaces.items() if name != "embedding"]
    votes = mutual_votes(voting, left, right)
    levels = [m for m in range(2, len(voting) + 1) if np.sum(votes >= m) >= 2] or [1]
    if votes.max(initial=0) == 0 or votes.min(initial=1) > 0:
        return None
    stages = len(levels) + 2
    ensembles = []
    for number, level in enumerate(levels):
        target = np.where(votes >= level, 1, np.where(votes == 0, 0, -1))
        weight = negatives_in_proportion(target)
        ensembles.append(train_ensemble(compared, target, weight, seed, threads, quick))
        report_share(progress, (number + 1) / stages)
    scores = [ensemble.raw(compared.matrix, compared.fold, threads) for ensemble in ensembles]
    score = np.mean(scores, axis=0)
    spread = float(score.std()) or 1.0
    share, mean = 1 / (spread * len(ensembles)), float(score.mean())
    ensembles = [replace(ensemble, weight=share, centre=mean) for ensemble in ensembles]
    standardised = [(score - score.mean()) / spread]
    spreads = [spread]
    repeats = 0.0
    for number in range(3):
        combined = np.mean(standardised, axis=0)
        assigned = assign_best_first(left, right, combined)
        cut = decoy_cut(left, right, combined, assigned, sizes or compared.sizes)
        if number == 0:
            repeats = repeats_share(combined, assigned, cut.score)
        if number == 2 or cut.matches < _FEWEST_FOR_SELF_TRAINING or repeats >= MOST_REPEATS:
            break
        target = _targets_of_assignment(combined, assigned, cut.matches)
        ensemble = train_ensemble(
            compared, target, np.ones(len(target)), seed + number + 1, threads, quick
        )
        raw = ensemble.raw(compared.matrix, compared.fold, threads)
        ensemble = replace(ensemble, centre=float(raw.mean()), weight=1 / (float(raw.std()) or 1.0))
        ensembles.append(ensemble)
        standardised.append((raw - ensemble.centre) * ensemble.weight)
        spreads.append(1 / ensemble.weight)
        report_share(progress, (len(levels) + number + 1) / stages)
    slope = float(np.mean(spreads))
    # The pair model divides by the sum of weights; the slope restores the scale of log-odds.
    total = sum(ensemble.weight for ensemble in ensembles) / len(standardised)
    scorer = PairScorer(
        compared.names,
        ensembles=tuple(ensembles),
        folds=FOLDS,
        slope=slope * total,
        intercept=-slope * cut.score,
    )
    account = TrainingAccount(
        TrainingSource.NEIGHBOURS,
        f"mutual nearest neighbours in {len(voting)} similarity spaces; the threshold from decoys "
        "(a record's best partner other than its own)",
    )
    return PairModel(scorer, one_to_one=True, training=account), repeats


def _targets_of_assignment(score: np.ndarray, assigned: np.ndarray, matches: float) -> np.ndarray:
    """Return labels from a one-to-one assignment: 1 match, 0 non-match, -1 not used.

    Args:
        score: scores of the pairs.
        assigned: whether each pair is in the assignment, bool.
        matches: estimated number of matches.
    """
    ranked = np.argsort(-np.where(assigned, score, -np.inf), kind="stable")
    target = np.zeros(len(score), int)
    target[ranked[: int(1.15 * matches)]] = -1
    target[ranked[: int(0.9 * matches)]] = 1
    return target
