"""Scores: probabilities of a match of a session's pairs, by its pair model."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit

from features.arrays.ordering import stable_order
from linkage.models.bounded_logit import bounded_logit
from linkage.models.cross_encoder import CrossEncoderEvidence
from linkage.models.pair_model import PairModel
from linkage.models.training_account import TrainingSource
from linkage.scoring.collapsed_session import CollapsedSession
from linkage.scoring.rival_candidates import RivalCandidates
from linkage.scoring.score_cache import CandidateScores
from linkage.scoring.session import Session

__all__ = ["candidate_scores", "equal_pairs", "score_candidates", "score_collapsed", "score_pairs"]

#: Least distance of a probability from 0 and from 1 before its log-odds are taken.
_LEAST = 1e-12


def score_candidates(session: Session, model: PairModel) -> np.ndarray:
    """Probability of a match of each candidate pair, float64, shape (m,).

    Scores that this model gave to candidates of the session before are not computed again.
    """
    return candidate_scores(session, model).probability


def candidate_scores(session: Session, model: PairModel) -> CandidateScores:
    """Scores of the candidate pairs, see `score_candidates`, and which were prefiltered."""
    candidates = session.candidates
    before = session.scores.look_up(model, candidates)
    out, prefiltered = before.probability, before.prefiltered
    rows = np.flatnonzero(np.isnan(out))
    if session.resolved.quality == "fast":
        # Similar records one after the other, as their partners are in the CPU's cache then.
        rows = rows[stable_order(session.blocking.locality_order[candidates.left[rows]])]
    prefilter = model.prefilter

    def score(
        at: np.ndarray, matrix: np.ndarray, fold: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        pairs = rows[at]
        probability = model.probability(matrix, fold, session.features.threads_inside)
        apart = session.apart(candidates.left[pairs], candidates.right[pairs])
        return pairs, probability if apart is None else np.where(apart, 0.0, probability)

    with session.log.step("Score candidates") as tell:
        if prefilter is not None and session.features.quick_columns == prefilter.columns:
            out[rows], prefiltered[rows] = prefilter.chance, True
            a, b = candidates.left[rows], candidates.right[rows]
            found = session.features.stream(a, b, score, promising=prefilter.promising)
        else:
            found = session.features.stream_kept(candidates, rows, score)
        done = 0
        for pairs, probability in found:
            out[pairs], prefiltered[pairs] = probability, False
            done += len(pairs)
            tell(done / max(len(rows), 1))
    if model.cross_encoder is not None:
        out[rows] = _read(
            session, model.cross_encoder, candidates.left[rows], candidates.right[rows], out[rows]
        )
    equal = equal_pairs(session, model, candidates.left, candidates.right)
    out[equal], prefiltered[equal] = 1.0, False
    scores = CandidateScores(out, prefiltered)
    session.scores.keep(model, candidates, scores)
    return scores


def score_pairs(
    session: Session, model: PairModel, left: np.ndarray, right: np.ndarray
) -> np.ndarray:
    """Probability of a match of given pairs, which need not be candidates; float64, shape (m,)."""
    probability = _score_pairs(session, model, left, right)
    return np.where(equal_pairs(session, model, left, right), 1.0, probability)


def equal_pairs(
    session: Session, model: PairModel, left: np.ndarray, right: np.ndarray
) -> np.ndarray:
    """Return which pairs match as their rows state the same, bool, shape (m,).

    Of two tables, labels may know which of several equal rows is a record's partner.
    """
    labelled = session.records.is_linkage and model.training.source is TrainingSource.LABELS
    if session.equal is None or labelled:
        return np.zeros(len(left), bool)
    return session.equal.are_equal(left, right)


def _score_pairs(
    session: Session, model: PairModel, left: np.ndarray, right: np.ndarray
) -> np.ndarray:
    """Probability of a match of given pairs by their features, float64, shape (m,)."""
    pairs = session.compare(left, right, "Compare pairs")
    threads = session.resolved.threads
    probability = model.probability(pairs.matrix, pairs.fold, threads)
    if model.cross_encoder is not None:
        probability = _read(session, model.cross_encoder, left, right, probability)
    if not model.judged_against_rivals or not len(session.candidates):
        return probability
    cut = logit(model.threshold)
    rivals = RivalCandidates(
        session.candidates.left,
        session.candidates.right,
        bounded_logit(score_candidates(session, model), _LEAST) - cut,
        session.records.n,
    )
    return expit(rivals.against(left, right, bounded_logit(probability, _LEAST) - cut) + cut)


def _read(
    session: Session,
    encoder: CrossEncoderEvidence,
    left: np.ndarray,
    right: np.ndarray,
    probability: np.ndarray,
) -> np.ndarray:
    """Probability of pairs, of which the cross-encoder rescored those near the threshold."""
    with session.log.step("Read unsure pairs") as tell:
        log_odds = encoder.blend(
            session.texts,
            left,
            right,
            bounded_logit(probability, _LEAST),
            session.resolved.threads,
            tell,
        )
    return expit(log_odds)


def score_collapsed(session: CollapsedSession, model: PairModel) -> np.ndarray:
    """Probability that the records of each row match each other, float64, shape (rows,).

    The row is compared with itself; it is 1 where the row has one record.
    """
    out = np.ones(session.records.n)
    several = np.flatnonzero(session.collapsed.sizes > 1)
    if len(several):
        fold = session.fold[several]
        out[several] = model.probability(session.own_pairs(), fold, session.resolved.threads)
    return out
