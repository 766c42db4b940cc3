"""Learning without labels from conflicts, where product lines would be mistaken for products.

Candidates with a conflict begin as non-matches; the probability of the others is estimated from
how often pairs of similar E-value conflict (`linkage.training.unsupervised.conflicts`). Boosters
learn from these with random attributes masked, so that no single attribute decides, and then by
self-training from their own clusters, which recover matches that did conflict (two names of one
colour). The clusters teach synonyms, and everything is learned once more with these. At first
synonyms come from values that single records state twice.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from features.compare.synonyms import Synonyms
from features.feature_names import owner_of
from linkage.clustering.average_link import average_link
from linkage.models.booster_ensemble import BoosterEnsemble
from linkage.models.pair_model import PairModel
from linkage.models.pair_scorer import PairScorer
from linkage.models.training_account import TrainingAccount, TrainingSource
from linkage.scoring.compared_pairs import ComparedPairs
from linkage.scoring.content import pair_hashes
from linkage.scoring.record_folds import FOLDS
from linkage.scoring.session import Session
from linkage.scoring.shared_records import between_others
from linkage.training.boosting import subsampled, train_folds
from linkage.training.progress import ShareFunction, report_share
from linkage.training.synonyms.between_records import ValuePairs, learn_synonyms
from linkage.training.synonyms.within_records import synonyms_within_records
from linkage.training.unsupervised.conflicts import conflicting_agreements, find_conflicts
from linkage.training.unsupervised.identifier_labels import enough_labels
from linkage.training.unsupervised.seed_pairs import identical_pairs, log_e_values
from linkage.training.unsupervised.self_training import self_train

__all__ = ["start_from_conflicts"]

#: Log E-value below which a pair is a likely match, and that of equal records.
_LIKELY, _EQUAL = 0.0, -20.0
#: Probability of a match from which pairs show what matches seldom agree in.
_LIKELIEST = 0.9
#: Share of the attributes that is masked in each pair to learn from.
_MASKED = 0.35
#: Average scores at which clusters merge, see `self_train`: below even odds, since matches with a
#: conflict began as non-matches.
_CUT = (0.4, 0.4)
#: Rounds of self-training each time that everything is learned: the last time with synonyms
#: learned from clusters.
_ROUNDS = (1, 2)


def start_from_conflicts(
    session: Session,
    *,
    seed: int,
    threads: int,
    progress: ShareFunction | None = None,
) -> PairModel | None:
    """Return a pair model learned from conflicts; None where there are too few labels.

    Args:
        session: the records; its synonyms are replaced by newly learned ones.
        seed: random seed.
        threads: threads; the model does not depend on it.
        progress: called with the share done.
    """
    quick = session.resolved.quality == "fast"
    learned: PairModel | None = None
    before = session.synonyms
    if session.prepared.statements:
        # The session's own synonyms were learned from pairs of product lines.
        session.add_synonyms(synonyms_within_records(session.prepared.statements))
    for number, rounds in enumerate(_ROUNDS):
        compared = between_others(
            session.compared_pairs(groups=True), session.copy_of_row, session.sampler
        )
        model = _first_model(compared, seed, threads, quick)
        if model is None:
            break
        model = self_train(
            session,
            compared,
            model,
            cuts=(_CUT,) * rounds,
            seed=seed,
            threads=threads,
            quick=quick,
        )
        learned = model
        report_share(progress, (number + 1) / len(_ROUNDS))
        if number + 1 < len(_ROUNDS) and session.prepared.statements:
            session.add_synonyms(_synonyms_of_clusters(session, compared, model, threads))
    if learned is None and before is not None:
        session.add_synonyms(before)
    return learned


def _first_model(compared: ComparedPairs, seed: int, threads: int, quick: bool) -> PairModel | None:
    """Return a model of boosters that learn from conflicts and E-values; None for few labels."""
    spaces = [space for name, space in compared.spaces.items() if name != "embedding"]
    log_e = log_e_values(spaces, compared.left, compared.right)
    identical = identical_pairs(compared.records, compared.left, compared.right)
    found = find_conflicts(compared, (log_e < _LIKELY) | identical)
    log_e = np.where(identical, _EQUAL, log_e)
    probability = np.where(identical, 1.0, found.match_probability(log_e))
    agreeing = conflicting_agreements(compared, (probability > _LIKELIEST) & ~found.conflicting)
    conflicting = found.conflicting | agreeing
    match = (probability > 0.5) & ~conflicting
    target = match.astype(int)
    # A pair with a single conflict that is otherwise a likely match may be one.
    target[found.doubtful & (probability > 0.5) & ~agreeing] = -1
    confidence = np.where(conflicting, 1.0, np.abs(2 * probability - 1))
    if not enough_labels(int(match.sum()), int(conflicting.sum())):
        return None
    target, weight = subsampled(target, compared.keys)
    boosters = train_folds(
        _with_masked_attributes(compared, seed), target, weight * confidence, compared.fold,
        compared.keys, folds=FOLDS, seed=seed, threads=threads, quick=quick,
    )  # fmt: skip
    scorer = PairScorer(
        compared.names, ensembles=(BoosterEnsemble(boosters, by_fold=True),), folds=FOLDS
    )
    account = TrainingAccount(
        TrainingSource.CONFLICTS,
        f"contradictions: of {len(compared):,} candidate pairs {int(conflicting.sum()):,} "
        f"differ in what one product seldom differs in, {int(match.sum()):,} others stand out",
    )
    return PairModel(scorer, training=account)


def _with_masked_attributes(compared: ComparedPairs, seed: int) -> np.ndarray:
    """Return the features, with those of some random attributes of each pair unknown (NaN)."""
    owners = [owner_of(name) for name in compared.names]
    rank = {owner: k for k, owner in enumerate(sorted(set(owners)))}
    number = np.array([rank[owner] for owner in owners])
    # Which are masked depends on the pair alone, however many pairs there are.
    draws = [
        pair_hashes(compared.keys, np.full(len(compared), seed + (k << 32), np.uint64))
        for k in range(number.max() + 1)
    ]
    masked = np.column_stack(draws) < np.uint64(_MASKED * 2.0**64)
    return np.where(masked[:, number], np.float32(np.nan), compared.matrix)


def _synonyms_of_clusters(
    session: Session, compared: ComparedPairs, model: PairModel, threads: int
) -> Synonyms:
    """Return synonyms learned from the clusters of a model: pairs within them agree."""
    probability = expit(model.log_odds(compared.matrix, compared.fold, threads))
    side = session.records.side if session.records.is_linkage else None
    clusters = average_link(
        session.records.n, compared.left, compared.right, probability,
        threshold=model.threshold, side=side, across=side is not None,
    ).labels  # fmt: skip
    left, right = compared.left, compared.right
    pairs = ValuePairs(left, right, clusters[left] == clusters[right], clusters.astype(np.int64))
    return learn_synonyms(session.prepared.statements, pairs)
