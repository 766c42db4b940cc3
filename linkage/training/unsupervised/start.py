"""Learning a pair model without labels, from the best anchor (source of labels) of the data.

Three anchors, tried in this order:

1. *A trade number* (GTIN, ISBN) in both records: equal numbers are a match, unequal ones are not;
   boosters do not see the number.
2. *Mutual nearest neighbours* in several similarity spaces, for two tables in which a record has
   one partner.
3. *A Fellegi-Sunter mixture*, initialised with seed pairs: candidates that are far more similar
   than other neighbours of their records.

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
from linkage.models.booster_ensemble import BoosterEnsemble
from linkage.models.evidence.score_terms import IdentifierEvidence
from linkage.models.fellegi_sunter import FellegiSunter
from linkage.models.pair_model import PairModel
from linkage.models.pair_scorer import PairScorer
from linkage.models.training_account import TrainingAccount, TrainingSource
from linkage.scoring.compared_pairs import ComparedPairs
from linkage.scoring.record_folds import FOLDS
from linkage.training.boosting import subsampled, train_folds
from linkage.training.cuts.thresholds import best_expected_threshold
from linkage.training.progress import ShareFunction, report_share
from linkage.training.unsupervised.absence import reason_for_absence
from linkage.training.unsupervised.ensemble_training import (
    negatives_in_proportion,
    train_ensemble,
)
from linkage.training.unsupervised.exact_match import (
    start_from_equal_rows,
    start_from_exact_matches,
)
from linkage.training.unsupervised.from_neighbours import MOST_REPEATS, start_from_neighbours
from linkage.training.unsupervised.from_sources import start_from_sources
from linkage.training.unsupervised.identifier_labels import (
    FEWEST_EQUAL,
    LEAST_AGREEMENT,
    identifier_agreement,
    trusted_identifier,
)
from linkage.training.unsupervised.seed_pairs import (
    identical_pairs,
    log_e_values,
)
from linkage.training.unsupervised.source_discovery import discover_sources
from linkage.training.unsupervised.transitivity import transitive_share

__all__ = [
    "start_from_identifier",
    "start_from_mixture",
    "start_without_labels",
]

#: Candidates below which no share of matches can be estimated.
_FEWEST_CANDIDATES = 20
#: Log E-value below which a pair is a seed pair: a non-match this similar is expected once in seven
#: records.
_SEED_LOG_E_VALUE = -2.0
#: Share of matches of matches that match below which the mixture is not trusted.
_TRANSITIVE = 0.5
_LISTED_ONCE = (
    "Most records are variants of a product whose name they share, and hardly any two of these "
    "state the same ignored values: the table seems to list each variant once. Name the column of "
    "sellers (catalog.source) if several list the same products, or give labels."
)


def start_without_labels(
    compared: ComparedPairs,
    *,
    seed: int,
    threads: int,
    one_to_one: str = "auto",
    quick: bool = False,
    progress: ShareFunction | None = None,
    finds_sources: bool = False,
    lists_once: Callable[[], bool] | None = None,
) -> PairModel:
    """Return a pair model learned without labels, from the first anchor that suffices.

    Args:
        compared: candidate pairs and their features.
        seed: random seed.
        threads: threads; the model does not depend on it.
        one_to_one: ``yes``, ``no`` or ``auto`` (two tables only).
        quick: whether boosters are smaller where there are very many pairs.
        progress: called with the share done.
        finds_sources: whether two sources may be found in one table; the model has a feature more
            then, see `PairScorer.sources`.
        lists_once: tells whether it is known that one table lists every unit once.
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
    options: dict[str, Any] = {
        "seed": seed,
        "threads": threads,
        "quick": quick,
        "progress": progress,
    }
    model = start_from_identifier(compared, **options)
    if model is not None:
        return model
    notes: list[str] = []
    if compared.sizes[1]:
        start = start_from_neighbours(compared, **options) if one_to_one != "no" else None
        if start is not None and (one_to_one == "yes" or start[1] < MOST_REPEATS):
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
    else:
        if lists_once is not None and lists_once():
            return start_from_equal_rows(compared, _LISTED_ONCE, _trade_number(compared))
        sources = None
        if finds_sources and one_to_one != "no":
            sources = discover_sources(compared, seed)
        if sources is not None:
            # That the most alike records are of two sources shows that there are matches.
            found = start_from_sources(compared, sources, seed=seed, threads=threads, quick=quick)
            if found is not None:
                return found
        reason = reason_for_absence(compared)
        if reason is not None:
            return start_from_exact_matches(compared, reason, _trade_number(compared))
    model = start_from_mixture(compared, **options)
    return replace(model, training=replace(model.training, notes=(*notes, *model.training.notes)))


def start_from_identifier(
    compared: ComparedPairs,
    *,
    seed: int,
    threads: int,
    quick: bool = False,
    progress: ShareFunction | None = None,
) -> PairModel | None:
    """Return a model learned from a trade number; None where none labels enough pairs.

    Numbers can be missing or wrong. With m the share of the matches and u that of the non-matches
    whose numbers are equal, the predicted probability q of equal numbers gives the probability of a
    match as (q - u) / (m - u).
    """
    name = trusted_identifier(compared.records, compared.left, compared.right)
    if name is None:
        return None
    feature = column_feature(name, "equal")
    equal = compared.column(feature)
    hidden = [k for k, n in enumerate(compared.names) if column_of(n) == name]
    target = np.where(np.isnan(equal), -1, equal == 1).astype(int)
    if compared.only_by_identifiers is not None:
        # Pairs that only the number proposed would teach that dissimilar records match.
        target[compared.only_by_identifiers] = -1
    target, weight = subsampled(target, compared.keys)
    boosters = train_folds(
        compared.matrix, target, weight, compared.fold, compared.keys,
        folds=FOLDS, seed=seed, threads=threads, quick=quick, progress=progress, hidden=hidden,
    )  # fmt: skip
    ensemble = BoosterEnsemble(boosters, by_fold=True)
    # Boosters that were trained without values of a feature never split on it.
    raw = ensemble.raw(compared.matrix, compared.fold, threads)
    noise = identifier_agreement(expit(raw))
    if noise is None:
        return None
    agreement, chance_agreement = noise
    evidence = IdentifierEvidence(
        feature,
        equal=float(np.log(agreement / max(chance_agreement, 1e-3))),
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


def start_from_mixture(
    compared: ComparedPairs,
    *,
    seed: int,
    threads: int,
    quick: bool = False,
    progress: ShareFunction | None = None,
) -> PairModel:
    """Return a model learned from a Fellegi-Sunter mixture, initialised with seed pairs.

    Boosters learn from the mixture's posterior. Where its matches are not transitive, they learn
    from the seed pairs alone; where most of its matches have unequal trade numbers, or there are no
    seed pairs, the model is that of exact matches.
    """
    spaces = [space for name, space in compared.spaces.items() if name != "embedding"]
    log_e = log_e_values(spaces, compared.left, compared.right)
    identical = identical_pairs(compared.records, compared.left, compared.right)
    seed_pairs = (log_e < _SEED_LOG_E_VALUE) | identical
    if not seed_pairs.any():
        seed_pairs = (log_e <= np.quantile(log_e, 0.01)) & (log_e < 0)
    if not seed_pairs.any():
        return start_from_exact_matches(compared, "No two records stand out as alike.")
    mixture = FellegiSunter(compared.names).fit(compared.matrix, np.where(seed_pairs, 0.9, 0.001))
    report_share(progress, 0.3)
    log_odds = mixture.log_odds(compared.matrix)
    conflicting = _conflicting_identifier(compared, log_odds > 0)
    if conflicting is not None:
        return start_from_exact_matches(
            compared,
            f"What looks alike has unequal numbers in {conflicting}: the table seems to have few "
            "duplicates, or none, and much that is similar.",
            conflicting,
        )
    anchor = (
        f"a Fellegi-Sunter mixture seeded by {int(seed_pairs.sum()):,} pairs that stand out among "
        "their neighbours"
    )
    notes = []
    transitivity = transitive_share(
        compared.left, compared.right, log_odds > 0, compared.records.n,
        two_tables=compared.sizes[1] > 0,
    )  # fmt: skip
    mixture_term: FellegiSunter | None = mixture
    if transitivity < _TRANSITIVE:
        # The mixture found similar records rather than matches: learn from the seed pairs alone.
        notes.append(
            f"Matches of matches match in {100 * transitivity:.0f} % of the cases only, so the "
            "mixture was set aside and the boosters learned from its seeds alone."
        )
        target = np.where(seed_pairs, 1, np.where(log_e > 0, 0, -1))
        weight = negatives_in_proportion(target)
        mixture_term = None
    else:
        posterior = expit(log_odds)
        target = (posterior > 0.5).astype(int)
        weight = np.abs(posterior - 0.5) * 2
    ensembles = []
    if len(np.unique(target[target >= 0])) == 2:
        ensembles.append(train_ensemble(compared, target, weight, seed, threads, quick))
    else:
        mixture_term = mixture
    report_share(progress, 1.0)
    scorer = PairScorer(
        compared.names, ensembles=tuple(ensembles), fellegi_sunter=mixture_term, folds=FOLDS
    )
    account = TrainingAccount(TrainingSource.MIXTURE, anchor, tuple(notes))
    return PairModel(scorer, training=account)


def _trade_number(compared: ComparedPairs) -> str | None:
    """Return the name of a trade number that the records state, if any."""
    attributes = compared.records.attributes.values()
    return next((one.name for one in attributes if one.is_trade_number), None)


def _conflicting_identifier(compared: ComparedPairs, match: np.ndarray) -> str | None:
    """Return the name of a trade number that is unequal in most of the supposed matches, if any."""
    for attribute in compared.records.attributes.values():
        if attribute.is_trade_number:
            equal = compared.column(column_feature(attribute.name, "equal"))[match]
            known = equal[~np.isnan(equal)]
            if len(known) >= FEWEST_EQUAL and np.mean(known == 1) < 1 - LEAST_AGREEMENT:
                return attribute.name
    return None
