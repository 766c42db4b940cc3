"""Meeting threshold targets: the threshold that keeps a precision or a recall, or a refusal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.special import expit

from linkage.clustering.cluster_pairs import decide
from linkage.errors import TargetError
from linkage.models.pair_model import PairModel
from linkage.models.training_account import TrainingSource
from linkage.scoring.collapsed_session import CollapsedSession
from linkage.scoring.score import score_candidates
from linkage.scoring.session import Session
from linkage.training.cuts.cut_estimates import CutEstimate, LabelledSample, estimate_cuts
from linkage.training.cuts.thresholds import BEST_F1, ThresholdTarget
from linkage.training.supervised import LabelledPairs

__all__ = ["meet_target"]

#: Sources whose probabilities do not keep what they promise (`scripts/bench_dial.py`): they may
#: take a whole product line for one product, and are sure of it.
_UNRELIABLE = (TrainingSource.NOTHING, TrainingSource.MIXTURE, TrainingSource.CONFLICTS)
#: Thresholds that are tried, half a log-odd apart: from 2 to 99.97 %, for a recall from 0.01 %.
_THRESHOLDS = expit(np.arange(-4.0, 8.5, 0.5)).tolist()
_LOW_THRESHOLDS = expit(np.arange(-9.0, -4.0, 0.5)).tolist()
#: Candidates from which only every second threshold is tried: each one is a clustering.
_MANY_CANDIDATES = 2_000_000
#: Labels among the accepted pairs, if equally weighted, below which labels promise nothing: of
#: three to ten labels, targets were missed by up to 10 points.
_FEWEST_LABELS = 15.0
#: Expected recall below which a note says what the target costs.
_COSTLY = 0.5
_HINT = (
    "Label pairs that Linker.suggest names (100 at first) and give them with their column 'weight',"
    " or lower the target."
)


def meet_target(
    session: Session,
    model: PairModel,
    target: ThresholdTarget,
    largest: int,
    labelled: LabelledPairs | None = None,
    held_out: np.ndarray | None = None,
) -> PairModel:
    """Return the model with the threshold that meets a target, and a note of what to expect.

    The threshold is judged by the clusters that it gives: where the average link of clusters is
    below the scores of their pairs, a pair at even odds is no measure of it.

    Args:
        session: the records.
        model: the trained model, with the threshold of best F1.
        target: a precision, a recall, or best F1.
        largest: most records of a cluster.
        labelled: labelled pairs that tell how far probabilities can be relied on.
        held_out: their held-out probabilities.

    Raises:
        TargetError: no threshold meets the target, or nothing tells whether one does.
    """
    if not len(session.candidates):
        return model
    aim = f"A {'recall' if target.precision is None else 'precision'} of {target.value:g}"
    if target != BEST_F1 and model.training.source in _UNRELIABLE:
        raise TargetError(
            f"{aim} cannot be promised without labels here: the model was learned from "
            f"{model.training.anchor or 'nothing'}, and its probabilities are its own opinion.",
            hint=_HINT,
        )
    sample = None
    if labelled is not None and held_out is not None:
        sample = _sample(session, labelled, held_out)
    thresholds = _THRESHOLDS if target.recall is None else _LOW_THRESHOLDS + _THRESHOLDS
    step = 1 if len(session.candidates) < _MANY_CANDIDATES else 2
    estimates = _estimates(session, model, largest, thresholds[::step], sample)
    if target == BEST_F1:
        best = max(estimates, key=lambda one: one.f1)
        return _cut_at(model, best.threshold, labelled, held_out)
    if sample is not None and target.precision is not None:
        estimates = [one for one in estimates if one.labels >= _FEWEST_LABELS]
    if not estimates:
        raise TargetError(
            f"{aim} cannot be promised: too few labelled pairs are among those that are accepted.",
            hint=_HINT,
        )
    met = _best(estimates, target)
    if met is None:
        most = max(estimates, key=lambda one: one.recall if target.recall else one.precision)
        raise TargetError(
            f"{aim} cannot be kept: the most to expect is a precision of {most.precision:.3f} with "
            f"a recall of {most.recall:.3f}, {_grounds(sample, most)}.",
            hint=_HINT,
        )
    notes = [
        f"{aim} is the target: a precision of {met.precision:.3f} and a recall of "
        f"{met.recall:.3f} among the candidates are expected, {_grounds(sample, met)}."
    ]
    if met.recall < _COSTLY:
        notes.append(f"{aim} costs more than half of the matches: {_HINT}")
    model = replace(model, training=model.training.noting(*notes))
    return _cut_at(model, met.threshold, labelled, held_out)


def _cut_at(
    model: PairModel,
    threshold: float,
    labelled: LabelledPairs | None,
    held_out: np.ndarray | None,
) -> PairModel:
    """Return the model with another threshold, and the metrics of held-out pairs there."""
    account = model.training
    if labelled is not None and held_out is not None:
        account = labelled.judging(account, held_out, threshold)
    return replace(model, threshold=threshold, training=account)


def _estimates(
    session: Session,
    model: PairModel,
    largest: int,
    thresholds: list[float],
    sample: LabelledSample | None,
) -> list[CutEstimate]:
    """Return estimates of what clustering accepts at each threshold."""
    candidates = session.candidates

    def accept(probability: np.ndarray, threshold: float) -> np.ndarray:
        """Return the candidates whose rows one cluster holds."""
        if isinstance(session, CollapsedSession):  # its rows are clusters already
            return probability >= threshold
        cluster = decide(
            session.records, candidates, probability, threshold,
            one_to_one=model.one_to_one, max_cluster_size=largest,
            equal=None if session.equal is None else session.equal.group,
        ).labels  # fmt: skip
        return np.asarray(cluster[candidates.left] == cluster[candidates.right])

    return estimate_cuts(score_candidates(session, model), accept, thresholds, sample)


def _grounds(sample: LabelledSample | None, one: CutEstimate) -> str:
    """Return what an estimate rests on, in words."""
    if sample is None:
        return (
            "by the model's own probabilities, which no label confirms; label a few pairs to be "
            "sure (Linker.suggest)"
        )
    return f"by the labels (as telling as {one.labels:.0f} of the accepted pairs at random)"


def _sample(session: Session, labelled: LabelledPairs, held_out: np.ndarray) -> LabelledSample:
    """Return those of the labelled pairs that are candidates."""
    n, number = session.records.n, labelled.labels
    keys = session.candidates.left.astype(np.int64) * n + session.candidates.right
    pairs = labelled.compared
    wanted = pairs.left[:number].astype(np.int64) * n + pairs.right[:number]
    position = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    known = np.flatnonzero(keys[position] == wanted)
    weight = np.ones(number) if labelled.sampling is None else labelled.sampling[:number]
    return LabelledSample(
        position[known], held_out[known], labelled.label[known].astype(int), weight[known]
    )


def _best(estimates: list[CutEstimate], target: ThresholdTarget) -> CutEstimate | None:
    """Return the estimate that meets the target at the best of the other figure."""
    if target.precision is not None:
        met = [one for one in estimates if one.accepted and one.precision >= target.precision]
        return max(met, key=lambda one: one.recall, default=None)
    met = [one for one in estimates if one.recall >= target.value]
    return max(met, key=lambda one: one.precision, default=None)
