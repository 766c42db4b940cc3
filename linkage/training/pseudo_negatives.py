"""Pseudo-negatives: unlabelled candidates that are learned from as non-matches.

Labels often hold known matches beside non-matches that are nothing like each other, or few whole
groups, and hence few of the non-matches among the candidates, which are hard to distinguish from
matches. A model that learns from such labels takes every similar pair for a match. So candidates
that are probable non-matches by the base model are added, weighted such that matches and
non-matches are in the proportion of the candidates (learning from positive and unlabelled examples,
Elkan and Noto 2008).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.special import expit

from linkage.scoring.compared_pairs import ComparedPairs
from linkage.training.supervised import LabelledPairs

__all__ = ["add_pseudo_negatives", "are_candidates"]

#: Share of the proportionate number of non-matches from which no pseudo-negatives are added.
_ENOUGH = 0.5
#: Pseudo-negatives that are added at most.
_MOST_PSEUDO_NEGATIVES = 10_000


def are_candidates(
    left: np.ndarray, right: np.ndarray, candidates: tuple[np.ndarray, np.ndarray], records: int
) -> np.ndarray:
    """Return which pairs are candidates, bool, shape (m,).

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
    base_score: str,
    records: int,
) -> LabelledPairs:
    """Return labelled pairs, followed by pseudo-negatives where too few non-matches are candidates.

    Args:
        labelled: the labelled pairs.
        candidates: rows of the candidates.
        sample: the candidates, or a fair sample of them.
        base_score: name of the feature of the base score, log-odds of a match.
        records: number of records.
    """
    pairs, label = labelled.compared, labelled.label
    hard_negative = (label == 0) & are_candidates(pairs.left, pairs.right, candidates, records)
    probability = expit(sample.column(base_score).astype(np.float64))
    expected = float(probability.sum())
    if expected < 1 or not len(probability):
        return labelled
    wanted = float((label == 1).sum()) * (len(probability) - expected) / expected
    present = float(hard_negative.sum())
    labelled = replace(labelled, hard_negatives=int(hard_negative.sum()))
    if present >= _ENOUGH * wanted:
        return labelled
    is_labelled = are_candidates(sample.left, sample.right, (pairs.left, pairs.right), records)
    unlabelled = np.flatnonzero((probability < 0.5) & ~is_labelled)
    chosen = unlabelled[:: max(1, -(-len(unlabelled) // _MOST_PSEUDO_NEGATIVES))]
    if not len(chosen):
        return labelled
    negative = 1 - probability[chosen]
    pseudo_negatives = sample.part(chosen)
    weight = np.concatenate(
        [np.ones(len(label)), negative * (wanted - present) / max(float(negative.sum()), 1e-9)]
    )
    sampling = labelled.sampling
    if sampling is not None:  # the labels alone tell of all pairs
        sampling = np.concatenate([sampling, np.zeros(len(chosen))])
    return LabelledPairs(
        pairs.join(pseudo_negatives),
        np.concatenate([label, np.zeros(len(chosen), label.dtype)]),
        weight,
        sampling,
        hard_negatives=labelled.hard_negatives,
        pseudo_negatives=len(chosen),
    )
