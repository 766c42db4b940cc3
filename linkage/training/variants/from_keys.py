"""Learning which records are variants of one product, from product keys.

Collapsed records of one product key match: they agree in all that the definition compares, as far
as they state it (`linkage.variants.product_keys`). Whether further ones match is learned: from
records of equal texts as initial matches a Fellegi-Sunter model of groups of features is fitted by
expectation maximisation, regularised boosters learn from its posterior, and a pair scores the lower
of both. What it would add is accepted only if the joined keys collide in ignored values far less
often than keys that are joined at random (`linkage.variants.collisions`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.special import expit

from linkage.clustering.average_link import average_link
from linkage.models.booster_ensemble import BoosterEnsemble
from linkage.models.evidence.score_terms import IdentifierEvidence
from linkage.models.grouped_fellegi_sunter import GroupedFellegiSunter
from linkage.models.pair_model import PairModel
from linkage.models.pair_scorer import PairScorer
from linkage.models.training_account import TrainingAccount, TrainingSource
from linkage.scoring.compared_pairs import ComparedPairs
from linkage.scoring.record_folds import FOLDS
from linkage.training.boosting import train_folds
from linkage.training.progress import ShareFunction, report_share
from linkage.variants.collapsed_records import EQUAL_KEYS, CollapsedRecords
from linkage.variants.collisions import collisions

__all__ = ["start_variants_from_keys"]

#: Candidates below which nothing is learned beside the keys.
_FEWEST_CANDIDATES = 20
#: Labels are partly wrong: boosters are smoothed against overfitting.
_SMOOTH = {"path_smooth": 10.0}
#: Log-odds of a pair without, and evidence of, an equal key.
_UNEQUAL, _EQUAL = -4.0, 8.0
#: Estimated share of wrong joins from which what was learned beside the keys is refuted.
_REFUTED = 0.5
#: Pairs that may be added where nothing can refute them, as a share of those of the keys.
_MOST_ADDED = 0.25
#: Initial probabilities of a match: of known matches, of equal texts, of others.
_KNOWN, _SEED, _OTHER = 0.99, 0.9, 0.001
_COINCIDENCES = (
    "Few records are equal in all that is compared, and these have the same ignored values as "
    "often as records that are paired at random: the table seems to hold no variants. "
    "Give labels if it does."
)


def start_variants_from_keys(
    compared: ComparedPairs,
    self_features: np.ndarray,
    collapsed: CollapsedRecords,
    *,
    seed: int,
    threads: int,
    quick: bool = False,
    progress: ShareFunction | None = None,
) -> PairModel:
    """Return a pair model of collapsed records.

    Args:
        compared: candidate pairs of collapsed records and their features.
        self_features: features of collapsed records of several records, each compared with itself,
            which are matches.
        collapsed: the collapsed records.
        seed: random seed.
        threads: threads; the model does not depend on it.
        quick: whether boosters are smaller where there are very many pairs.
        progress: called with the share done.
    """
    equal = IdentifierEvidence(EQUAL_KEYS, equal=_EQUAL, differ=0.0)
    keys = PairScorer(compared.names, identifier=equal, intercept=_UNEQUAL)
    sizes = np.bincount(collapsed.key, collapsed.sizes)
    anchor = f"{int((sizes > 1).sum()):,} product keys of several records"
    account = TrainingAccount(TrainingSource.PRODUCT_KEYS, anchor)
    if collapsed.coincidental:
        return PairModel(keys, training=replace(account, notes=(_COINCIDENCES,)))
    model = PairModel(keys, training=account)
    if len(compared) < _FEWEST_CANDIDATES:
        return model
    learned = _scorer_of_texts(compared, self_features, collapsed, seed, threads, quick, progress)
    report_share(progress, 1.0)
    if learned is None:
        return model
    extended = PairModel(replace(learned, identifier=equal), training=account)
    probability = extended.probability(compared.matrix, compared.fold, threads)
    labels = average_link(
        len(collapsed.key), compared.left, compared.right,
        np.where(collapsed.apart(compared.left, compared.right), 0.0, probability),
        threshold=extended.threshold, start=collapsed.key,
    ).labels  # fmt: skip
    if _is_refuted(collapsed, labels, seed):
        return model
    joined = len(np.unique(collapsed.key)) - len(np.unique(labels))
    return replace(
        extended,
        training=replace(account, anchor=f"{anchor}, and {joined:,} joins of like ones"),
    )


def _is_refuted(collapsed: CollapsedRecords, labels: np.ndarray, seed: int) -> bool:
    """Return whether clusters that join keys are mostly not of one product.

    Where collisions do not tell, they are trusted only as long as they add little to the keys:
    likeness finds many pairs, and most of them in product lines.

    Args:
        collapsed: the collapsed records.
        labels: cluster of each; keys are never split.
        seed: random seed.
    """
    row, combination = collapsed.variants // collapsed.width, collapsed.variants % collapsed.width
    key, cluster = collapsed.key[row], labels[row]
    wrong = collisions(key, cluster, combination, seed).share_wrong(collapsed.repeats)
    if not np.isnan(wrong):
        return wrong >= _REFUTED
    pairs = [
        float((size * (size - 1) / 2).sum())
        for size in (np.bincount(one, collapsed.sizes) for one in (collapsed.key, labels))
    ]
    return pairs[1] > (1 + _MOST_ADDED) * pairs[0]


def _scorer_of_texts(
    compared: ComparedPairs,
    self_features: np.ndarray,
    collapsed: CollapsedRecords,
    seed: int,
    threads: int,
    quick: bool,
    progress: ShareFunction | None,
) -> PairScorer | None:
    """Return a scorer learned from equal texts; None where it would find nothing, or everything."""
    hidden = [compared.names.index(EQUAL_KEYS)]
    matrix = compared.matrix.copy()
    matrix[:, hidden] = np.nan
    left, right = compared.left, compared.right
    equal = collapsed.equal_texts(left, right) == 1
    apart = collapsed.apart(left, right)
    conflicting = collapsed.contradicted(left, right)
    initial = np.where(equal & ~apart & ~conflicting, _SEED, _OTHER)
    initial = np.where(collapsed.share_identifier(left, right), _KNOWN, initial)
    views = GroupedFellegiSunter(compared.names, collapsed.main)
    sizes = collapsed.sizes.astype(np.float64)
    several = sizes[sizes > 1]
    # The root of the number of pairs of records: large groups count more, but do not dominate.
    weight = np.sqrt(np.concatenate([sizes[left] * sizes[right], several * (several - 1) / 2]))
    initial = np.concatenate([initial, np.full(len(self_features), _KNOWN)])
    # Pairs that differ in an attribute that is not ignored stay non-matches.
    fixed = (initial == _KNOWN) | np.concatenate([conflicting, np.zeros(len(self_features), bool)])
    views.fit(
        np.concatenate([matrix, self_features]), initial, weight, fixed, collapsed.most_unequal
    )
    report_share(progress, 0.5)
    log_odds = np.where(apart, -12.0, views.log_odds(matrix))
    target = (log_odds > 0).astype(int)
    if len(np.unique(target)) < 2:
        return None
    boosters = train_folds(
        matrix, target, np.abs(expit(log_odds) - 0.5) * 2, compared.fold, compared.keys,
        folds=FOLDS, seed=seed, threads=threads, quick=quick, parameters=_SMOOTH,
    )  # fmt: skip
    return PairScorer(
        compared.names,
        hidden=hidden,
        ensembles=(BoosterEnsemble(boosters, by_fold=True),),
        fellegi_sunter=views,
        lowest=True,
        folds=FOLDS,
    )
