"""Learning without labels where families look like products: from what contradicts itself.

Candidates that contradict themselves begin as no matches; which values contradict each other is
told at first by single records that say a thing twice. How likely the other candidates match is
told by how often pairs as alike contradict themselves (`linkage.training.unsupervised.conflicts`).
Boosters learn from these with attributes left out at random, so that none of them alone decides,
and then from the clusters that they make, which bring back matches that did contradict themselves
(two names of one colour). What such clusters agree in teaches synonyms, and all of it is learned
once more.
"""

from __future__ import annotations

from collections.abc import Callable

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
from linkage.scoring.record_folds import FOLDS
from linkage.scoring.session import Session
from linkage.scoring.shared_records import between_others
from linkage.training.boosting import thinned, train_folds
from linkage.training.synonyms.between_records import ValuePairs, learn_synonyms
from linkage.training.synonyms.within_records import spoken_synonyms
from linkage.training.unsupervised.conflicts import contradictions, rivals
from linkage.training.unsupervised.identifier_labels import enough_numbers
from linkage.training.unsupervised.seed_pairs import identical_pairs, log_expectations
from linkage.training.unsupervised.self_training import self_train

__all__ = ["start_from_conflicts"]

#: Log-expectation of strangers as alike, below which a pair stands out, and that of equal records.
_LIKELY, _ALIKE = 0.0, -20.0
#: Chance of a match from which hardly anything speaks against one.
_LIKELIEST = 0.9
#: Share of the attributes that is left out of each pair to learn from.
_LEFT_OUT = 0.35
#: Average scores at which clusters merge, see `self_train`: lower than the scores say,
#: since matches that contradict themselves began as no matches.
_CUT = (0.4, 0.4)
#: Rounds of learning from clusters each time that everything is learned: the last time with
#: synonyms that clusters teach.
_ROUNDS = (1, 2)


def start_from_conflicts(
    session: Session,
    *,
    seed: int,
    threads: int,
    progress: Callable[[float], None] | None = None,
) -> PairModel | None:
    """Learns from candidates that stand out, by whether they contradict themselves.

    Args:
        session: the records; synonyms are learned anew, and become its own.
        seed: random seed.
        threads: threads; the model does not depend on it.
        progress: called with the share done.

    Returns:
        None where there is too little to learn from.
    """
    quick = session.resolved.quality == "fast"
    learned: PairModel | None = None
    before = session.synonyms
    if session.prepared.statements:
        # Pairs that taught synonyms before were of families.
        session.add_synonyms(spoken_synonyms(session.prepared.statements))
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
        if progress is not None:
            progress((number + 1) / len(_ROUNDS))
        if number + 1 < len(_ROUNDS) and session.prepared.statements:
            session.add_synonyms(_synonyms(session, compared, model, threads))
    if learned is None and before is not None:
        session.add_synonyms(before)
    return learned


def _first_model(compared: ComparedPairs, seed: int, threads: int, quick: bool) -> PairModel | None:
    spaces = [space for name, space in compared.spaces.items() if name != "embedding"]
    expectation = log_expectations(spaces, compared.left, compared.right)
    identical = identical_pairs(compared.records, compared.left, compared.right)
    found = contradictions(compared, (expectation < _LIKELY) | identical)
    chance = np.where(identical, 1.0, found.chance(np.where(identical, _ALIKE, expectation)))
    rival = rivals(compared, (chance > _LIKELIEST) & ~found.differs)
    differs = found.differs | rival
    match = (chance > 0.5) & ~differs
    target = match.astype(int)
    # What contradicts itself in one thing and looks like a match else may be one.
    target[found.doubtful & (chance > 0.5) & ~rival] = -1
    certain = np.where(differs, 1.0, np.abs(2 * chance - 1))
    if not enough_numbers(int(match.sum()), int(differs.sum())):
        return None
    target, weight = thinned(target)
    boosters = train_folds(
        _with_gaps(compared, seed), target, weight * certain, compared.fold,
        folds=FOLDS, seed=seed, threads=threads, quick=quick,
    )  # fmt: skip
    scorer = PairScorer(
        compared.names, ensembles=(BoosterEnsemble(boosters, by_fold=True),), folds=FOLDS
    )
    account = TrainingAccount(
        TrainingSource.CONFLICTS,
        f"contradictions: of {len(compared):,} candidate pairs {int(differs.sum()):,} "
        f"differ in what one product seldom differs in, {int(match.sum()):,} others stand out",
    )
    return PairModel(scorer, training=account)


def _with_gaps(compared: ComparedPairs, seed: int) -> np.ndarray:
    """The features with some attributes of each pair unknown."""
    owners = [owner_of(name) for name in compared.names]
    rank = {owner: k for k, owner in enumerate(sorted(set(owners)))}
    number = np.array([rank[owner] for owner in owners])
    gone = np.random.default_rng(seed).random((len(compared), number.max() + 1)) < _LEFT_OUT
    return np.where(gone[:, number], np.float32(np.nan), compared.matrix)


def _synonyms(
    session: Session, compared: ComparedPairs, model: PairModel, threads: int
) -> Synonyms:
    """What the clusters of a model teach of values that mean the same."""
    chance = expit(model.log_odds(compared.matrix, compared.fold, threads))
    side = session.records.side if session.records.is_linkage else None
    clusters = average_link(
        session.records.n, compared.left, compared.right, chance,
        threshold=model.threshold, side=side, across=side is not None,
    ).labels  # fmt: skip
    left, right = compared.left, compared.right
    pairs = ValuePairs(left, right, clusters[left] == clusters[right], clusters.astype(np.int64))
    return learn_synonyms(session.prepared.statements, pairs)
