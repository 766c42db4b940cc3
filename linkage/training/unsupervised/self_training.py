"""Learning from clusters: a model's own groups are the labels of the next round.

What a start without labels gets wrong of single pairs, average link often puts right, since it
weighs all pairs of two groups. So pairs within clusters and pairs across them teach boosters, each
fold by the others, and their scores make the clusters of the next round.
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
from linkage.training.boosting import thinned, train_folds
from linkage.training.thresholds import best_expected_threshold

__all__ = ["self_train"]

#: Average scores at which clusters merge, of each round. Pairs that are apart even at the lower one
#: are no matches, pairs that are together at the higher one are matches, others are left out: what
#: one cut joins or parts by mistake would be learned, and more of it every round.
_CUTS = ((0.4, 0.5), (0.45, 0.5), (0.5, 0.5))
#: ... where only pairs across clusters are asked for: a third round changed F1 by 0.1 to 0.3
#: points, not always for the better.
_CUTS_ACROSS = ((0.4, 0.5), (0.5, 0.5))
#: Score at which a pair more likely matches than not.
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
    """A model with the boosters that the clusters of another teach, round by round.

    Args:
        session: the rows.
        comparison: candidate pairs of them.
        model: a model of these pairs without labels.
        start: clusters of a stricter definition, which stay whole, shape (n,).
        cuts: average scores at which clusters merge, of each round: pairs that are apart even at
            the lower one are no matches, pairs that are together at the higher one are matches.
        seed: random seed.
        threads: threads; the model does not depend on it.
        quick: see `train_folds`.
        across: whether only pairs across the clusters of ``start`` are learned from, since no
            others will be scored.

    Returns:
        The model with other boosters, intercept and threshold; as it was where its clusters hold
        too few pairs to learn from.
    """
    n = session.records.n
    if start is not None:  # of a sample of the rows, the others would count as partners they lack
        within = np.isin(np.arange(n), np.concatenate([compared.left, compared.right]))
        start = np.where(within, start, n + np.arange(n))
    side = session.records.side if session.records.is_linkage else None
    chance = _chance(session, model, compared, threads)
    if cuts is None:
        cuts = _CUTS_ACROSS if across else _CUTS
    for number, cut in enumerate(cuts):
        left, right = completing_pairs(
            compared.left,
            compared.right,
            np.where(chance >= _LIKELY, chance, 0.0),
            n,
            side,
            threads=threads,
        )
        if len(left):
            added = session.compare(left, right, "Compare candidates")
            compared = compared.join(added)
            chance = np.concatenate([chance, _chance(session, model, added, threads)])
        asked = compared.in_fair_sample
        if across and start is not None:
            asked &= start[compared.left] != start[compared.right]
        target = np.where(asked, _targets(compared, chance, cut, start, side, threads), -1)
        if min(np.bincount(target[target >= 0], minlength=2)) < _FEWEST:
            return model
        target, weight = thinned(target)
        boosters = train_folds(
            compared.matrix, target, weight, compared.fold,
            folds=model.scorer.folds, seed=seed + number, threads=threads, quick=quick,
            hidden=model.scorer.hidden,
        )  # fmt: skip
        scorer = replace(
            model.scorer,
            ensembles=(BoosterEnsemble(boosters, by_fold=True),),
            noise=None,
            intercept=0.0,
        )
        model = replace(model, scorer=scorer)
        chance = _chance(session, model, compared, threads)
        model = replace(model, threshold=best_expected_threshold(chance[asked]))
    return model


def _targets(
    compared: ComparedPairs,
    chance: np.ndarray,
    cuts: tuple[float, float],
    start: np.ndarray | None,
    side: np.ndarray | None,
    threads: int,
) -> np.ndarray:
    """1 for pairs surely in one cluster, 0 for pairs surely in two, -1 for others."""

    def together(cut: float) -> np.ndarray:
        labels = average_link(
            compared.records.n,
            compared.left,
            compared.right,
            chance,
            threshold=cut,
            side=side,
            across=side is not None,
            start=start,
        ).labels
        return np.asarray(labels[compared.left] == labels[compared.right])

    found = dict(in_order(together, sorted(set(cuts)), threads))
    perhaps, matches = (found[cut] for cut in cuts)
    return np.where(matches, 1, np.where(perhaps, -1, 0))


def _chance(
    session: Session, model: PairModel, compared: ComparedPairs, threads: int
) -> np.ndarray:
    """Chance of a match of each pair, 0 where the session's groups stand apart."""
    chance = expit(model.log_odds(compared.matrix, compared.fold, threads))
    apart = session.apart(compared.left, compared.right)
    return chance if apart is None else np.where(apart, 0.0, chance)
