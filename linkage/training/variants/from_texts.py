"""Learning without labels what a definition that ignores attributes takes as one product.

Forms that have the same text (raw where the source is disciplined, masked where it is messy) begin
as matches, records of one form are matches, and so are forms that share a unit identifier. Views of
the pairs then learn by expectation maximisation, a regularised booster from what they are sure of,
and a pair scores the lower of both.
"""

from __future__ import annotations

from collections.abc import Callable

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
from linkage.training.unsupervised.exact_match import start_from_exact_matches
from linkage.variants.collapsed_records import CollapsedRecords

__all__ = ["start_from_texts"]

_FEWEST_CANDIDATES = 20
#: A guess that is partly wrong must not be learned by heart.
_SMOOTH = {"path_smooth": 10.0}
#: Log-odds by which unequal texts must differ with their likeness; else the views drifted away from
#: names to whatever most candidates have in common.
_LEAST_RELIANCE = 2.0
#: Share of the candidates above which what was found is likeness.
_MOST_MATCHES = 0.8
_KNOWN, _SEEDED, _OTHER = 0.99, 0.9, 0.001


def start_from_texts(
    compared: ComparedPairs,
    own: np.ndarray,
    collapsed: CollapsedRecords,
    *,
    seed: int,
    threads: int,
    quick: bool = False,
    progress: Callable[[float], None] | None = None,
) -> PairModel:
    """Learns a pair model of forms.

    Args:
        comparison: candidate pairs of forms and their features.
        own: features of forms of several records compared with themselves, which are matches.
        grouping: the forms.
        seed: random seed.
        threads: threads; the model does not depend on it.
        quick: whether smaller boosters do where pairs are very many.
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
    contradicted = collapsed.contradicted(left, right)
    seeds = np.where(equal & ~apart & ~contradicted, _SEEDED, _OTHER)
    seeds = np.where(shared, _KNOWN, seeds)
    views = GroupedFellegiSunter(compared.names, collapsed.main)
    matrix = np.concatenate([compared.matrix, own])
    sizes = collapsed.sizes.astype(np.float64)
    many = sizes[sizes > 1]
    # Between a pair of forms and the pairs of their records: large groups count, but not all alone.
    weight = np.sqrt(np.concatenate([sizes[left] * sizes[right], many * (many - 1) / 2]))
    begin = np.concatenate([seeds, np.full(len(own), _KNOWN)])
    # A variant's attribute that counts and differs is no match to learn from.
    fixed = (begin == _KNOWN) | np.concatenate([contradicted, np.zeros(len(own), bool)])
    views.fit(matrix, begin, weight, fixed, collapsed.most_unequal)
    if progress is not None:
        progress(0.5)
    log_odds = np.where(apart, -12.0, views.log_odds(compared.matrix))
    anchor = (
        f"{int(equal.sum()):,} pairs of equal texts, {int(shared.sum()):,} of a shared identifier "
        f"and {len(own):,} texts of several records"
    )
    match = log_odds > 0
    trusted = bool(views.reliance() >= _LEAST_RELIANCE and match.mean() <= _MOST_MATCHES)
    notes = []
    if not trusted:
        notes.append(
            "Beside equal texts little in this table says which records are variants of one "
            "product, so only records of equal texts match."
        )
        log_odds = np.where(equal & ~apart & ~contradicted, 4.0, -4.0)
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
    if progress is not None:
        progress(1.0)
    scorer = PairScorer(
        compared.names,
        ensembles=ensembles,
        fellegi_sunter=views if trusted else None,
        lowest=trusted and bool(ensembles),
        folds=FOLDS,
    )
    account = TrainingAccount(TrainingSource.EQUAL_TEXTS, anchor, tuple(notes))
    return PairModel(scorer, training=account)
