"""Scoring pairs of a session by its pair model."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit, logit

from features.arrays.ordering import stable_order
from linkage.models.pair_model import PairModel
from linkage.scoring.rival_candidates import RivalCandidates
from linkage.scoring.session import Session

__all__ = ["score_candidates", "score_collapsed", "score_pairs"]


def score_candidates(session: Session, model: PairModel) -> np.ndarray:
    """Probability of a match of each candidate pair, computed chunk by chunk.

    Pairs that the session has already scored by this model (before its candidates were widened)
    keep their score.
    """
    candidates = session.candidates
    if session.scored is not None and session.scored[0] is model:
        out = candidates.carried(*session.scored[1:])
    else:
        out = np.full(len(candidates), np.nan)
    rows = np.flatnonzero(np.isnan(out))
    if session.resolved.quality == "fast":
        # Records that share much one after the other: their partners are still in the cache.
        rows = rows[stable_order(session.locality_order[candidates.left[rows]])]
    collapsed = session.collapsed
    look = model.prefilter

    def score(part: np.ndarray, matrix: np.ndarray, fold: np.ndarray) -> np.ndarray:
        probability = model.probability(matrix, fold, session.features.threads_inside)
        if collapsed is None:
            return probability
        apart = collapsed.apart(candidates.left[part], candidates.right[part])
        return np.where(apart, 0.0, probability)

    def score_all(start: int, matrix: np.ndarray, fold: np.ndarray) -> tuple[Any, np.ndarray]:
        part = rows[start : start + len(matrix)]
        return part, score(part, matrix, fold)

    def score_kept(
        start: int, kept: np.ndarray, matrix: np.ndarray, fold: np.ndarray
    ) -> tuple[Any, np.ndarray]:
        part = rows[start + kept]
        return part, score(part, matrix, fold)

    with session.log.step("Score candidates") as tell:
        if look is not None and session.features.quick_columns == look.columns:
            out[rows] = look.chance
            a, b = candidates.left[rows], candidates.right[rows]
            found = session.features.map_promising(a, b, look.promising, score_kept)
        else:
            found = session.map(rows, score_all)
        for start, (part, scores) in found:
            out[part] = scores
            tell(start / max(len(rows), 1))
    if model.cross_encoder is not None:
        out[rows] = _read(session, model, candidates.left[rows], candidates.right[rows], out[rows])
    session.scored = model, candidates, out
    return out


def score_pairs(
    session: Session, model: PairModel, left: np.ndarray, right: np.ndarray
) -> np.ndarray:
    """Probability of a match of given pairs, which need not be candidates."""
    pairs = session.compare(left, right, "Compare pairs")
    threads = session.resolved.threads
    probability = model.probability(pairs.matrix, pairs.fold, threads)
    if model.cross_encoder is not None:
        probability = _read(session, model, left, right, probability)
    if not model.rivals or not len(session.candidates):
        return probability
    cut = logit(model.threshold)
    rivals = RivalCandidates(
        session.candidates.left,
        session.candidates.right,
        _bounded_logit(score_candidates(session, model)) - cut,
        session.records.n,
    )
    return expit(rivals.against(left, right, _bounded_logit(probability) - cut) + cut)


def _read(
    session: Session,
    model: PairModel,
    left: np.ndarray,
    right: np.ndarray,
    probability: np.ndarray,
) -> np.ndarray:
    """Probability of pairs once the language model has read those that are unsure."""
    assert model.cross_encoder is not None
    with session.log.step("Read unsure pairs") as tell:
        log_odds = model.cross_encoder.blend(
            session.texts,
            left,
            right,
            _bounded_logit(probability),
            session.resolved.threads,
            tell,
        )
    return expit(log_odds)


def _bounded_logit(probability: np.ndarray) -> np.ndarray:
    return np.asarray(logit(np.clip(probability, 1e-12, 1 - 1e-12)))


def score_collapsed(session: Session, model: PairModel) -> np.ndarray:
    """Probability that the records of one form match each other, shape (forms,)."""
    assert session.collapsed is not None
    out = np.ones(session.records.n)
    several = np.flatnonzero(session.collapsed.sizes > 1)
    if len(several):
        fold = session.fold[several]
        out[several] = model.probability(session.own_pairs(), fold, session.resolved.threads)
    return out
