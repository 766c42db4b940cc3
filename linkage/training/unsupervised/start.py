"""Learning without labels: the engine starts itself from the best anchor the data offers.

Three anchors, tried in this order:

1. *A trade number* (GTIN, ISBN) on both sides: equal or not is the label, the number itself stays
   hidden.
2. *Mutual nearest neighbours* in several similarity spaces, for two tables in which a record has
   one partner.
3. *A Fellegi-Sunter mixture*, seeded by pairs that stand out among a record's own neighbours.

Each then trains regularised boosters by folds, so that no pair is scored by a booster that learned
from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.special import expit

from features.feature_names import column_feature, column_of
from linkage.clustering.assignment import assign_best_first, repeats_share
from linkage.models.booster_ensemble import BoosterEnsemble
from linkage.models.fellegi_sunter import FellegiSunter
from linkage.models.pair_model import PairModel
from linkage.models.pair_scorer import PairScorer
from linkage.models.score_terms import IdentifierEvidence
from linkage.models.training_account import TrainingAccount, TrainingSource
from linkage.scoring.compared_pairs import ComparedPairs
from linkage.scoring.record_folds import FOLDS
from linkage.training.boosting import thinned, train_folds
from linkage.training.thresholds import best_expected_threshold, decoy_cut
from linkage.training.unsupervised.exact_match import start_from_exact_matches
from linkage.training.unsupervised.identifier_labels import (
    FEWEST_EQUAL,
    LEAST_AGREEMENT,
    agreement_with_number,
    trusted_identifier,
)
from linkage.training.unsupervised.seed_pairs import (
    identical_pairs,
    log_expectations,
    mutual_votes,
)
from linkage.training.unsupervised.transitivity import transitive_share

__all__ = [
    "start_from_identifier",
    "start_from_mixture",
    "start_from_neighbours",
    "start_without_labels",
]

#: Expected matches below which a self-training round would learn from noise.
_FEWEST_FOR_SELF_TRAINING = 300
#: Candidates below which no share of matches can be estimated.
_FEWEST_CANDIDATES = 20
#: Log-expectation below which a pair seeds the mixture: a stranger this alike turns up once in
#: seven records.
_SEED_EXPECTATION = -2.0
#: Left-over pairs as good as accepted ones, as a share of those, from which a table repeats its
#: records.
_REPEATS = 0.5
#: Records are called transitive where a friend of a friend is a friend at least this often.
_TRANSITIVE = 0.5

Progress = Callable[[float], None]


def start_without_labels(
    compared: ComparedPairs,
    *,
    seed: int,
    threads: int,
    one_to_one: str = "auto",
    quick: bool = False,
    progress: Progress | None = None,
) -> PairModel:
    """Learns a pair model without labels.

    Args:
        comparison: candidate pairs and their features.
        seed: random seed.
        threads: threads; the model does not depend on it.
        one_to_one: ``yes``, ``no`` or ``auto`` (two tables only).
        quick: whether smaller boosters do where pairs are very many.
        progress: called with the share done.
    """
    if len(compared) == 0:
        return PairModel(
            PairScorer(compared.names, intercept=-5.0),
            training=TrainingAccount(anchor="none: there are no candidates"),
        )
    if len(compared) < _FEWEST_CANDIDATES:
        return start_from_exact_matches(
            compared, f"There are too few candidate pairs to learn from ({len(compared)})."
        )
    how: dict[str, Any] = {"seed": seed, "threads": threads, "quick": quick, "progress": progress}
    model = start_from_identifier(compared, **how)
    if model is not None:
        return model
    notes: list[str] = []
    if compared.sizes[1] and one_to_one != "no":
        start = start_from_neighbours(compared, **how)
        if start is not None and (one_to_one == "yes" or start[1] < _REPEATS):
            return start[0]
        notes = (
            []
            if start is None
            else [
                "Records seem to have several partners: for each 100 good pairs "
                f"{100 * start[1]:.0f} more score as well but share a record with them, so pairs "
                "are not held to one-to-one. "
                'Set linkage.one_to_one = "yes" if each record has at most one partner.'
            ]
        )
    model = start_from_mixture(compared, **how)
    return replace(model, training=replace(model.training, notes=(*notes, *model.training.notes)))


def start_from_identifier(
    compared: ComparedPairs,
    *,
    seed: int,
    threads: int,
    quick: bool = False,
    progress: Progress | None = None,
) -> PairModel | None:
    """Starts from a trade number; None where there is none that teaches enough.

    Numbers can be missing or wrong. With m the share of matches and u that of other pairs whose
    numbers are equal, the chance q that numbers are equal gives the chance of a match as (q - u) /
    (m - u).
    """
    name = trusted_identifier(compared.records, compared.left, compared.right)
    if name is None:
        return None
    feature = column_feature(name, "equal")
    equal = compared.column(feature)
    hidden = [k for k, n in enumerate(compared.names) if column_of(n) == name]
    target = np.where(np.isnan(equal), -1, equal == 1).astype(int)
    if compared.only_by_identifiers is not None:
        # Records that have nothing but the number in common would teach that unlike ones match.
        target[compared.only_by_identifiers] = -1
    target, weight = thinned(target)
    boosters = train_folds(
        compared.matrix, target, weight, compared.fold,
        folds=FOLDS, seed=seed, threads=threads, quick=quick, progress=progress, hidden=hidden,
    )  # fmt: skip
    ensemble = BoosterEnsemble(boosters, by_fold=True)
    # Boosters that were trained with a feature unknown never split on it, whatever its value.
    raw = ensemble.raw(compared.matrix, compared.fold, threads)
    noise = agreement_with_number(expit(raw))
    if noise is None:
        return None
    agreement, accident = noise
    evidence = IdentifierEvidence(
        feature,
        equal=float(np.log(agreement / max(accident, 1e-3))),
        differ=float(np.log(1 - min(agreement, 0.99) + 0.01)),
    )
    scorer = PairScorer(
        compared.names,
        hidden=hidden,
        ensembles=(ensemble,),
        noise=noise,
        identifier=evidence,
        folds=FOLDS,
    )
    account = TrainingAccount(
        TrainingSource.IDENTIFIER,
        f"the trade number in {name}: equal in {int(np.sum(equal == 1)):,} candidate pairs, "
        f"unequal in {int(np.sum(equal == 0)):,}; about {100 * agreement:.0f} % of the matches "
        "agree on it",
    )
    threshold = best_expected_threshold(expit(scorer.adjusted(raw, compared.matrix)))
    return PairModel(scorer, threshold, training=account)


def start_from_neighbours(
    compared: ComparedPairs,
    *,
    seed: int,
    threads: int,
    quick: bool = False,
    progress: Progress | None = None,
) -> tuple[PairModel, float] | None:
    """Starts from mutual nearest neighbours of two tables in several spaces.

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
    sets = []
    for number, level in enumerate(levels):
        target = np.where(votes >= level, 1, np.where(votes == 0, 0, -1))
        # What is left out is mostly no match: the rest stands in for it.
        weight = np.where(target == 0, np.sum(target != 1) / max(np.sum(target == 0), 1), 1.0)
        sets.append(_trained(compared, target, weight, seed, threads, quick))
        _tell(progress, (number + 1) / stages)
    scores = [part.raw(compared.matrix, compared.fold, threads) for part in sets]
    score = np.mean(scores, axis=0)
    spread = float(score.std()) or 1.0
    share, mean = 1 / (spread * len(sets)), float(score.mean())
    sets = [replace(part, weight=share, centre=mean) for part in sets]
    standard = [(score - score.mean()) / spread]
    spreads = [spread]
    repeats = 0.0
    for number in range(3):
        combined = np.mean(standard, axis=0)
        assigned = assign_best_first(left, right, combined)
        cut = decoy_cut(left, right, combined, assigned, compared.sizes)
        if number == 0:
            repeats = repeats_share(combined, assigned, cut.score)
        if number == 2 or cut.matches < _FEWEST_FOR_SELF_TRAINING or repeats >= _REPEATS:
            break
        ranked = np.argsort(-np.where(assigned, combined, -np.inf), kind="stable")
        target = np.zeros(len(combined), int)
        target[ranked[: int(1.15 * cut.matches)]] = -1
        target[ranked[: int(0.9 * cut.matches)]] = 1
        part = _trained(compared, target, np.ones(len(target)), seed + number + 1, threads, quick)
        raw = part.raw(compared.matrix, compared.fold, threads)
        part = replace(part, centre=float(raw.mean()), weight=1 / (float(raw.std()) or 1.0))
        sets.append(part)
        standard.append((raw - part.centre) * part.weight)
        spreads.append(1 / part.weight)
        _tell(progress, (len(levels) + number + 1) / stages)
    slope = float(np.mean(spreads))
    # The pair model divides by the sum of weights; the slope brings it back to the scale of
    # log-odds.
    total = sum(part.weight for part in sets) / len(standard)
    scorer = PairScorer(
        compared.names,
        ensembles=tuple(sets),
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


def start_from_mixture(
    compared: ComparedPairs,
    *,
    seed: int,
    threads: int,
    quick: bool = False,
    progress: Progress | None = None,
) -> PairModel:
    """Starts from a Fellegi-Sunter mixture, seeded by pairs that stand out."""
    spaces = [space for name, space in compared.spaces.items() if name != "embedding"]
    expectation = log_expectations(spaces, compared.left, compared.right)
    identical = identical_pairs(compared.records, compared.left, compared.right)
    seeds = (expectation < _SEED_EXPECTATION) | identical
    if not seeds.any():
        seeds = (expectation <= np.quantile(expectation, 0.01)) & (expectation < 0)
    if not seeds.any():
        return start_from_exact_matches(compared, "No two records stand out as alike.")
    mixture = FellegiSunter(compared.names).fit(compared.matrix, np.where(seeds, 0.9, 0.001))
    _tell(progress, 0.3)
    log_odds = mixture.log_odds(compared.matrix)
    contradicted = _contradicted(compared, log_odds > 0)
    if contradicted is not None:
        return start_from_exact_matches(
            compared,
            f"What looks alike has unequal numbers in {contradicted}: the table seems to have few "
            "duplicates, or none, and much that is similar.",
            contradicted,
        )
    anchor = (
        f"a Fellegi-Sunter mixture seeded by {int(seeds.sum()):,} pairs that stand out among their "
        "neighbours"
    )
    notes = []
    transitivity = transitive_share(
        compared.left, compared.right, log_odds > 0, compared.records.n,
        two_tables=compared.sizes[1] > 0,
    )  # fmt: skip
    part_of_mixture: FellegiSunter | None = mixture
    if transitivity < _TRANSITIVE:
        # Then what the mixture found is likeness, not identity: trust the seeds alone.
        notes.append(
            f"Matches of matches match in {100 * transitivity:.0f} % of the cases only, so the "
            "mixture was set aside and the boosters learned from its seeds alone."
        )
        target = np.where(seeds, 1, np.where(expectation > 0, 0, -1))
        weight = np.where(target == 0, np.sum(target != 1) / max(np.sum(target == 0), 1), 1.0)
        part_of_mixture = None
    else:
        posterior = expit(log_odds)
        target = (posterior > 0.5).astype(int)
        weight = np.abs(posterior - 0.5) * 2
    sets = []
    if len(np.unique(target[target >= 0])) == 2:
        sets.append(_trained(compared, target, weight, seed, threads, quick))
    else:
        part_of_mixture = mixture
    _tell(progress, 1.0)
    scorer = PairScorer(
        compared.names, ensembles=tuple(sets), fellegi_sunter=part_of_mixture, folds=FOLDS
    )
    account = TrainingAccount(TrainingSource.MIXTURE, anchor, tuple(notes))
    return PairModel(scorer, training=account)


def _contradicted(compared: ComparedPairs, match: np.ndarray) -> str | None:
    """The trade number that says of most supposed matches that they differ, if any."""
    for attribute in compared.records.attributes.values():
        if attribute.is_trade_number:
            equal = compared.column(column_feature(attribute.name, "equal"))[match]
            known = equal[~np.isnan(equal)]
            if len(known) >= FEWEST_EQUAL and np.mean(known == 1) < 1 - LEAST_AGREEMENT:
                return attribute.name
    return None


def _trained(
    compared: ComparedPairs,
    target: np.ndarray,
    weight: np.ndarray,
    seed: int,
    threads: int,
    quick: bool,
) -> BoosterEnsemble:
    boosters = train_folds(
        compared.matrix, target, weight, compared.fold,
        folds=FOLDS, seed=seed, threads=threads, quick=quick,
    )  # fmt: skip
    return BoosterEnsemble(boosters, by_fold=True)


def _tell(progress: Progress | None, share: float) -> None:
    if progress is not None:
        progress(min(share, 1.0))
