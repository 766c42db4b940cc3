"""Stand-ins for non-matches that labels lack.

Whoever labels the pairs he knows to match, beside some that obviously do not, shows nothing of the
pairs that are hard to tell apart; whoever labels a few whole groups shows few of them. What learns
from such labels takes all that is alike for a match. So candidates that most likely do not match,
as far as a model started without labels can tell, stand in for the non-matches that are missing,
until matches and others are in the proportion of the candidates (learning from positive and
unlabelled pairs, Elkan and Noto 2008).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.special import expit

from linkage.scoring.compared_pairs import ComparedPairs
from linkage.training.supervised import LabelledPairs

__all__ = ["add_pseudo_negatives", "are_candidates"]

#: Share of the non-matches in proportion from which labels are taken as they are.
_ENOUGH = 0.5
_MOST_STAND_INS = 10_000


def are_candidates(
    left: np.ndarray, right: np.ndarray, candidates: tuple[np.ndarray, np.ndarray], records: int
) -> np.ndarray:
    """Which pairs are candidates, bool, shape (m,).

    Args:
        left, right: rows of the pairs.
        candidates: rows of the candidates.
        records: number of records.
    """
    among = candidates[0].astype(np.int64) * records + candidates[1]
    return np.isin(left.astype(np.int64) * records + right, among)


def add_pseudo_negatives(
    labelled: LabelledPairs,
    candidates: tuple[np.ndarray, np.ndarray],
    sample: ComparedPairs,
    opinion: str,
    records: int,
) -> LabelledPairs:
    """Adds candidates as non-matches where labels have too few of the kind that is scored.

    Args:
        labelled: the labelled pairs.
        candidates: rows of the candidates.
        sample: the candidates, or a fair sample of them.
        opinion: the feature that holds what is thought of a pair without labels, as log-odds.
        records: number of records.

    Returns:
        The labelled pairs, those that stand in after them; or just the labelled pairs if they
        suffice.
    """
    pairs, label = labelled.compared, labelled.label
    hard = (label == 0) & are_candidates(pairs.left, pairs.right, candidates, records)
    probability = expit(sample.column(opinion).astype(np.float64))
    expected = float(probability.sum())
    if expected < 1 or not len(probability):
        return labelled
    wanted = float((label == 1).sum()) * (len(probability) - expected) / expected
    have = float(hard.sum())
    labelled = replace(labelled, hard_others=int(hard.sum()))
    if have >= _ENOUGH * wanted:
        return labelled
    known = are_candidates(sample.left, sample.right, (pairs.left, pairs.right), records)
    free = np.flatnonzero((probability < 0.5) & ~known)
    chosen = free[:: max(1, -(-len(free) // _MOST_STAND_INS))]
    if not len(chosen):
        return labelled
    likely = 1 - probability[chosen]
    pseudo_negatives = sample.part(chosen)
    weight = np.concatenate(
        [np.ones(len(label)), likely * (wanted - have) / max(float(likely.sum()), 1e-9)]
    )
    return LabelledPairs(
        pairs.join(pseudo_negatives),
        np.concatenate([label, np.zeros(len(chosen), label.dtype)]),
        weight,
        hard_others=labelled.hard_others,
        pseudo_negatives=len(chosen),
    )
