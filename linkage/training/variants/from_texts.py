"""Learning which records are variants of one product, from equal texts.

Collapsed records with equal texts (raw where the source is disciplined, masked where it is messy)
are initial matches; records collapsed into one, and collapsed records that share an identifier of a
single variant, are matches. A Fellegi-Sunter model of groups of features is then fitted by
expectation maximisation, regularised boosters learn from its posterior, and a pair scores the lower
of both.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from linkage.models.booster_ensemble import BoosterEnsemble
from linkage.models.grouped_fellegi_sunter import GroupedFellegiSunter
from linkage.models.pair_model import PairModel
from linkage.models.pair_scorer import PairScorer
from linkage.models.training_account import TrainingAccount, TrainingSource
from linkage.scoring.compared_pairs import ComparedPairs
from linkage.scoring.record_folds import FOLDS
from linkage.training.boosting import train_folds
from linkage.training.progress import ShareFunction, report_share
from linkage.training.unsupervised.exact_match import start_from_exact_matches
from linkage.variants.collapsed_records import CollapsedRecords

__all__ = ["start_variants_from_texts"]

_FEWEST_CANDIDATES = 20
#: Labels are partly wrong: boosters are smoothed against overfitting.
_SMOOTH = {"path_smooth": 10.0}
#: Range of log-odds over the similarity of unequal texts below which the fitted model is not
#: trusted: it then relies on what most candidates have in common rather than on names.
_LEAST_RELIANCE = 2.0
#: Share of the candidates that match above which the fitted model is not trusted: it then found
#: similar records.
_MOST_MATCHES = 0.8
#: Initial probabilities of a match: of known matches, of seed pairs, of others.
_KNOWN, _SEED, _OTHER = 0.99, 0.9, 0.001


def start_variants_from_texts(
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
    if len(compared) < _FEWEST_CANDIDATES:
        return start_from_exact_matches(
            compared, f"There are too few candidate pairs to learn from ({len(compared)})."
        )
    left, right = compared.left, compared.right
    equal = collapsed.equal_texts(left, right) == 1
    shared = collapsed.share_identifier(left, right)
    apart = collapsed.apart(left, right)
    conflicting = collapsed.contradicted(left, right)
    initial = np.where(equal & ~apart & ~conflicting, _SEED, _OTHER)
    initial = np.where(shared, _KNOWN, initial)
    views = GroupedFellegiSunter(compared.names, collapsed.main)
    matrix = np.concatenate([compared.matrix, self_features])
    sizes = collapsed.sizes.astype(np.float64)
    several = sizes[sizes > 1]
    # The root of the number of pairs of records: large groups count more, but do not dominate.
    weight = np.sqrt(np.concatenate([sizes[left] * sizes[right], several * (several - 1) / 2]))
    initial = np.concatenate([initial, np.full(len(self_features), _KNOWN)])
    # Pairs that differ in an attribute that is not ignored stay non-matches.
    fixed = (initial == _KNOWN) | np.concatenate([conflicting, np.zeros(len(self_features), bool)])
    views.fit(matrix, initial, weight, fixed, collapsed.most_unequal)
    report_share(progress, 0.5)
    log_odds = np.where(apart, -12.0, views.log_odds(compared.matrix))
    anchor = (
        f"{int(equal.sum()):,} pairs of equal texts, {int(shared.sum()):,} of a shared identifier "
        f"and {len(self_features):,} texts of several records"
    )
    match = log_odds > 0
    trusted = bool(views.reliance() >= _LEAST_RELIANCE and match.mean() <= _MOST_MATCHES)
    notes = []
    if not trusted:
        notes.append(
            "Beside equal texts little in this table says which records are variants of one "
            "product, so only records of equal texts match."
        )
        log_odds = np.where(equal & ~apart & ~conflicting, 4.0, -4.0)
        match = log_odds > 0
    ensembles: tuple[BoosterEnsemble, ...] = ()
    target = match.astype(int)
    if len(np.unique(target)) == 2:
        confidence = np.abs(expit(log_odds) - 0.5) * 2
        boosters = train_folds(
            compared.matrix, target, confidence, compared.fold,
            folds=FOLDS, seed=seed, threads=threads, quick=quick, parameters=_SMOOTH,
        )  # fmt: skip
        ensembles = (BoosterEnsemble(boosters, by_fold=True),)
    elif not trusted:
        return start_from_exact_matches(compared, "No two forms have the same text.")
    report_share(progress, 1.0)
    scorer = PairScorer(
        compared.names,
        ensembles=ensembles,
        fellegi_sunter=views if trusted else None,
        lowest=trusted and bool(ensembles),
        folds=FOLDS,
    )
    account = TrainingAccount(TrainingSource.EQUAL_TEXTS, anchor, tuple(notes))
    return PairModel(scorer, training=account)
