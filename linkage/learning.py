"""Learning a pair model for a session: from labels where there are some, without them otherwise."""

from __future__ import annotations

import numpy as np

from linkage.config import Config
from linkage.group_start import start_from_groups
from linkage.pair_labels import PairLabels
from linkage.pair_model import PairModel
from linkage.selfstart import self_start
from linkage.session import Session
from linkage.thresholds import cut_for_expectation
from linkage.training import train_on_labels

__all__ = ["learn_from_labels", "learn_without_labels", "score_candidates", "score_forms"]

#: Candidates labelled by known clusters that are added to the drawn pairs, as hard cases.
_MOST_HARD_PAIRS = 200_000


def learn_from_labels(session: Session, labels: PairLabels, config: Config) -> PairModel:
    """Trains on labelled pairs of the session's records.

    Where whole clusters are known, candidate pairs between their records join the labels as hard
    cases.
    """
    left, right, label = labels.left, labels.right, labels.label
    if labels.entity is not None:
        candidates = session.candidates
        known = (labels.entity[candidates.left] >= 0) & (labels.entity[candidates.right] >= 0)
        chosen = np.flatnonzero(known)[:: max(1, int(known.sum()) // _MOST_HARD_PAIRS)]
        hard_left, hard_right = candidates.left[chosen], candidates.right[chosen]
        hard = (labels.entity[hard_left] == labels.entity[hard_right]).astype(label.dtype)
        left, right = np.concatenate([left, hard_left]), np.concatenate([right, hard_right])
        label = np.concatenate([label, hard])
        _, first = np.unique(left.astype(np.int64) * session.records.n + right, return_index=True)
        left, right, label = left[first], right[first], label[first]
    comparison = session.compare(left, right, "Compare labelled pairs")
    with session.log.step("Train on labels") as tell:
        return train_on_labels(
            comparison.names,
            comparison.matrix,
            label,
            (left, right),
            comparison.fold,
            is_linkage=session.records.is_linkage,
            seed=config.seed,
            threads=session.resolved.threads,
            precision=config.training.precision,
            recall=config.training.recall,
            one_to_one=config.linkage.one_to_one,
            progress=tell,
        )


def learn_without_labels(session: Session, config: Config) -> PairModel:
    """Starts a model from the session's candidates."""
    comparison = session.comparison()
    with session.log.step("Learn without labels") as tell:
        if session.grouping is not None:
            model = start_from_groups(
                comparison,
                session.own_pairs(),
                session.grouping,
                seed=config.seed,
                threads=session.resolved.threads,
                progress=tell,
            )
        else:
            model = self_start(
                comparison,
                seed=config.seed,
                threads=session.resolved.threads,
                one_to_one=config.linkage.one_to_one,
                progress=tell,
            )
    several = session.grouping is not None  # variants of a product: a record has many partners
    if session.records.is_linkage and config.linkage.one_to_one == "yes" and not several:
        model.one_to_one = True  # whatever anchor the model was started from
    dial = config.training
    if dial.precision is not None or dial.recall is not None:
        probability = score_candidates(session, model)
        model.threshold = cut_for_expectation(
            probability, precision=dial.precision, recall=dial.recall
        )
        model.notes.append(
            "Without labels the dial rests on the model's own probabilities; label a few pairs to "
            "be sure."
        )
    return model


def score_candidates(session: Session, model: PairModel) -> np.ndarray:
    """Probability of a match of each candidate pair, computed chunk by chunk.

    Pairs that the session has already scored by this model (before its candidates were widened)
    keep their score.
    """
    candidates = session.candidates
    n = session.records.n
    keys = candidates.left.astype(np.int64) * n + candidates.right
    out = np.full(len(candidates), np.nan)
    if session.scored is not None and session.scored[0] is model:
        _, known, scores = session.scored
        at = np.minimum(np.searchsorted(known, keys), max(len(known) - 1, 0))
        found = known[at] == keys if len(known) else np.zeros(len(keys), bool)
        out[found] = scores[at[found]]
    rows = np.flatnonzero(np.isnan(out))
    threads = session.resolved.threads
    with session.log.step("Score candidates") as tell:
        for start, matrix, fold in session.chunks(rows):
            part = rows[start : start + len(matrix)]
            out[part] = model.probability(matrix, fold, threads)
            if session.grouping is not None:
                apart = session.grouping.apart(candidates.left[part], candidates.right[part])
                out[part] = np.where(apart, 0.0, out[part])
            tell((start + len(matrix)) / max(len(rows), 1))
    session.scored = model, keys, out
    return out


def score_forms(session: Session, model: PairModel) -> np.ndarray:
    """Probability that the records of one form match each other, shape (forms,)."""
    assert session.grouping is not None
    out = np.ones(session.records.n)
    several = np.flatnonzero(session.grouping.sizes > 1)
    if len(several):
        fold = session.fold[several]
        out[several] = model.probability(session.own_pairs(), fold, session.resolved.threads)
    return out
