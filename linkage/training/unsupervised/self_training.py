"""Self-training: a model's own clusters are the labels of the next round.

Average-link clustering often corrects errors of a model in single pairs, since it weighs all pairs
of two clusters. So boosters learn from pairs within and across clusters, each fold from the other
folds, and their scores make the clusters of the next round.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.special import expit

from blocking.completion import completing_pairs
from features.arrays.chunked import in_order
from linkage.clustering.average_link import average_link
from linkage.models.booster_ensemble import BoosterEnsemble
from linkage.models.pair_model import PairModel
from linkage.scoring.compared_pairs import ComparedPairs
from linkage.scoring.session import Session
from linkage.training.boosting import subsampled, train_folds
from linkage.training.cuts.thresholds import best_expected_threshold

__all__ = ["self_train"]

#: Average scores at which clusters merge, of each round. Pairs in different clusters even at the
#: lower one are non-matches, pairs in one cluster at the higher one are matches, others are left
#: out: errors of a single cut would be learned, and more of them every round.
_CUTS = ((0.4, 0.5), (0.45, 0.5), (0.5, 0.5))
#: The same where only pairs across the initial clusters are learned from: a third round changed F1
#: by 0.1 to 0.3 points, not always for the better.
_CUTS_ACROSS = ((0.4, 0.5), (0.5, 0.5))
#: Score from which a pair is counted as a match when candidates are completed.
_LIKELY = 0.5
#: Pairs within and across clusters below which a round would learn from noise.
_FEWEST = 300


def self_train(
    session: Session,
    compared: ComparedPairs,
    model: PairModel,
    start: np.ndarray | None = None,
    *,
    cuts: tuple[tuple[float, float], ...] | None = None,
    seed: int,
    threads: int,
    quick: bool = False,
    across: bool = False,
) -> PairModel:
    """Return the model with boosters trained on its own clusters, round by round.

    Args:
        session: the records.
        compared: candidate pairs of them.
        model: a model of these pairs, learned without labels.
        start: clusters of a stricter definition, which are never split, shape (n,).
        cuts: average scores at which clusters merge, of each round, the lower one first: pairs in
            different clusters even at the lower one are non-matches, pairs in one cluster at the
            higher one are matches, others are not used.
        seed: random seed.
        threads: threads; the model does not depend on it.
        quick: see `train_folds`.
        across: whether only pairs across the clusters of ``start`` are learned from, since no
            others will be scored.

    Returns:
        The model with other boosters, intercept and threshold; unchanged where its clusters hold
        too few pairs to learn from.
    """
    n = session.records.n
    if start is not None:
        # Where only a sample of the records has candidate pairs, other members of a cluster would
        # count as pairs without a score.
        within = np.isin(np.arange(n), np.concatenate([compared.left, compared.right]))
        start = np.where(within, start, n + np.arange(n))
    side = session.records.side if session.records.is_linkage else None
    probability = _probability(session, model, compared, threads)
    if cuts is None:
        cuts = _CUTS_ACROSS if across else _CUTS
    for number, cut in enumerate(cuts):
        left, right = completing_pairs(
            compared.left,
            compared.right,
            np.where(probability >= _LIKELY, probability, 0.0),
            n,
            side,
            threads=threads,
        )
        if len(left):
            added = session.compare(left, right, "Compare candidates")
            compared = compared.join(added)
            probability = np.concatenate(
                [probability, _probability(session, model, added, threads)]
            )
        used = compared.in_fair_sample
        if across and start is not None:
            used &= start[compared.left] != start[compared.right]
        target = np.where(used, _targets(compared, probability, cut, start, side, threads), -1)
        if min(np.bincount(target[target >= 0], minlength=2)) < _FEWEST:
            return model
        target, weight = subsampled(target, compared.keys)
        boosters = train_folds(
            compared.matrix, target, weight, compared.fold, compared.keys,
            folds=model.scorer.folds, seed=seed + number, threads=threads, quick=quick,
            hidden=model.scorer.hidden, probability=probability,
        )  # fmt: skip
        scorer = replace(
            model.scorer,
            ensembles=(BoosterEnsemble(boosters, by_fold=True),),
            noise=None,
            intercept=0.0,
        )
        model = replace(model, scorer=scorer)
        probability = _probability(session, model, compared, threads)
        model = replace(model, threshold=best_expected_threshold(probability[used]))
    return model


def _targets(
    compared: ComparedPairs,
    probability: np.ndarray,
    cuts: tuple[float, float],
    start: np.ndarray | None,
    side: np.ndarray | None,
    threads: int,
) -> np.ndarray:
    """Return the label of each pair: 1 match, 0 non-match, -1 not used.

    Matches are in one cluster at the higher cut, non-matches in two even at the lower one.
    """

    def in_one_cluster(cut: float) -> np.ndarray:
        """Return whether both records of each pair are in one cluster, bool, shape (m,)."""
        labels = average_link(
            compared.records.n,
            compared.left,
            compared.right,
            probability,
            threshold=cut,
            side=side,
            across=side is not None,
            start=start,
        ).labels
        return np.asarray(labels[compared.left] == labels[compared.right])

    found = dict(in_order(in_one_cluster, sorted(set(cuts)), threads))
    possible, matches = (found[cut] for cut in cuts)
    return np.where(matches, 1, np.where(possible, -1, 0))


def _probability(
    session: Session, model: PairModel, compared: ComparedPairs, threads: int
) -> np.ndarray:
    """Return the probability of a match of each pair, 0 where the session forbids the pair."""
    probability = expit(model.log_odds(compared.matrix, compared.fold, threads))
    apart = session.apart(compared.left, compared.right)
    return probability if apart is None else np.where(apart, 0.0, probability)
