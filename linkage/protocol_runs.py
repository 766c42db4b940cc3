"""Running the protocols of one task: learn, predict, compare with the truth."""

from __future__ import annotations

import inspect
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from linkage.challenge_settings import ChallengeSettings
from linkage.config import Config
from linkage.errors import LinkageError
from linkage.evaluation import (
    evaluate_clusters,
    evaluate_pairs,
    evaluate_split,
    expected_calibration_error,
    log_loss,
)
from linkage.protocols import Protocol, allowed_protocols
from linkage.task_data import Split, TaskData

if TYPE_CHECKING:
    from linkage.linker import Linker
    from linkage.result import Result

__all__ = ["Outcome", "Training", "run_protocols", "sentence_of", "summarise", "training_of"]

_log = logging.getLogger(__name__)

_KEYS = ["left_id", "right_id"]
#: Protocols that share a linker: the pairs of a split are scored, then the tables are matched.
_GROUPS = (
    (Protocol.PAIR_SPLIT, Protocol.END_TO_END),
    (Protocol.PAIR_SPLIT_NO_CONTEXT,),
    (
        Protocol.PAIR_SPLIT_NO_LABELS,
        Protocol.END_TO_END_NO_LABELS,
        Protocol.CLUSTER_NO_LABELS,
        Protocol.GROUP_NO_LABELS,
    ),
)

#: Told of a step's name and the share of it that is done.
Progress = Callable[[str, float | None], None]


@dataclass(frozen=True)
class Outcome:
    """What a protocol came to.

    Attributes:
        protocol: The protocol.
        figures: Its figures by name, shares from 0 to 1; without truth only seconds and counts.
        submission: What would be handed in: ``left_id, right_id, score, match`` or ``id,
            cluster_id``.
        error: Why it failed, in a sentence; None if it did not.

    """

    protocol: Protocol
    figures: dict[str, Any] = field(default_factory=dict)
    submission: pd.DataFrame | None = None
    error: str | None = None


@dataclass(frozen=True)
class Training:
    """The splits of a task as they are used.

    Attributes:
        train: What is learned from.
        valid: What the threshold is chosen on; None for out of fold on train.
        judged: The pairs that are scored.
        leakage: How many pairs the splits share, left and right as given, and whether those of
            the judged split were taken out of the others.

    """

    train: Split | None
    valid: Split | None
    judged: Split | None
    leakage: dict[str, Any]


@dataclass
class _Seed:
    """One seed's scores of the judged pairs."""

    scored: pd.DataFrame
    threshold: float


def training_of(data: TaskData, settings: ChallengeSettings) -> Training:
    """Settle which pairs are learned from and which are judged.

    A judged pair whose label is known from training is no test of anything, so that pairs of the
    judged split are removed from the splits that are learned from, unless ``as_stored`` is set.

    Args:
        data: The task's data.
        settings: How the challenge is run.

    Returns:
        The splits.

    """
    judged = data.test if settings.split == "test" else data.valid
    valid = data.valid if settings.split == "test" else None
    train = data.train
    leakage: dict[str, Any] = {}
    if judged is not None:
        for name, split in (("train", train), ("valid", valid)):
            if split is not None:
                leakage[f"{settings.split}_in_{name}"] = int(judged.holds(split).sum())
    if train is not None and valid is not None:
        leakage["valid_in_train"] = int(valid.holds(train).sum())
    leakage["removed"] = not settings.as_stored
    if judged is not None and not settings.as_stored:
        train = None if train is None else train.without(judged)
        valid = None if valid is None else valid.without(judged)
    if valid is not None and not valid.positives:
        valid = None  # no threshold can be chosen on it
    return Training(train, valid, judged, leakage)


def run_protocols(
    data: TaskData, settings: ChallengeSettings, progress: Progress | None = None
) -> Iterator[Outcome]:
    """Run the protocols of a task, each as far as its files allow.

    Args:
        data: The task's data.
        settings: Which protocols, and how.
        progress: Told what goes on.

    Yields:
        One outcome a protocol, as soon as it is there. One that fails does not stop the others.

    """
    training = training_of(data, settings)
    allowed = [
        one for one in allowed_protocols(data.task, settings.split) if one in settings.protocols
    ]
    for group in _GROUPS:
        chosen = [protocol for protocol in group if protocol in allowed]
        done: set[Protocol] = set()
        try:
            for outcome in _run_group(data, training, settings, chosen, progress):
                done.add(outcome.protocol)
                yield outcome
        except Exception as error:
            if not isinstance(error, LinkageError):
                _log.exception("%s: %s", data.task.name, ", ".join(chosen))
            yield from (Outcome(one, error=sentence_of(error)) for one in chosen if one not in done)


def sentence_of(error: BaseException) -> str:
    """Return an error as it stands on a leaderboard."""
    if isinstance(error, LinkageError):
        return str(error)
    if isinstance(error, MemoryError):
        return "out of memory."
    return f"this should not have happened ({type(error).__name__}: {error})."


def _run_group(
    data: TaskData,
    training: Training,
    settings: ChallengeSettings,
    protocols: list[Protocol],
    progress: Progress | None,
) -> Iterator[Outcome]:
    """Run the protocols that share one linker."""
    from linkage.linker import Linker

    if not protocols:
        return
    labelled = protocols[0].learns_from_labels
    scoring = next((one for one in protocols if one.scores_pairs), None)
    matching = next((one for one in protocols if not one.scores_pairs), None)
    context = protocols[0] is not Protocol.PAIR_SPLIT_NO_CONTEXT
    config = _config(data, settings, context=context)
    linker = Linker(config)
    # The first seed comes last, so that it is the one by which the tables are matched.
    seeds = list(range(settings.seeds if labelled and scoring else 1))[::-1]
    runs: list[_Seed] = []
    first_fit, spent = 0.0, 0.0
    threshold_from = ""
    for seed in seeds:
        linker.config = replace(config, seed=seed)
        linker.progress = _named(progress, scoring or matching, seed, len(seeds))
        begun = time.perf_counter()
        threshold_from = _fit(linker, data, training if labelled else None)
        first_fit = first_fit or time.perf_counter() - begun
        if scoring is not None:
            assert training.judged is not None
            distinct = training.judged.pairs[_KEYS].drop_duplicates()
            scored = linker.score(data.left, data.right, distinct)
            runs.insert(0, _Seed(scored, _threshold(linker)))
        spent += time.perf_counter() - begun
    learned = {"threshold_from": threshold_from, **_used(training, labelled)}
    if scoring is not None:
        assert training.judged is not None
        figures = {**_split_figures(training.judged, runs), "seconds": spent, **learned}
        yield Outcome(scoring, figures, _pair_submission(training.judged, runs))
    if matching is not None:
        linker.progress = _named(progress, matching, seeds[-1], 1)
        begun = time.perf_counter()
        result = linker.match(data.left, data.right)
        # As if run alone: with the first fit, which prepared the tables, too.
        seconds = first_fit + time.perf_counter() - begun
        judge = _all_pairs if data.right is not None else _clusters
        figures, submission = judge(data, result)
        yield Outcome(matching, {**figures, "seconds": seconds, **learned}, submission)


def _config(data: TaskData, settings: ChallengeSettings, *, context: bool) -> Config:
    values: dict[str, Any] = {"training": {"context": context}}
    if data.kinds:
        values["attributes"] = dict(data.kinds)
    if data.task.ignore:
        values["match"] = {"variant": {"ignore": list(data.task.ignore)}}
    config: Config = settings.config(**values)
    return config


def _fit(linker: Linker, data: TaskData, training: Training | None) -> str:
    """Fit a linker; return what its threshold was chosen on."""
    if training is None:
        linker.fit(data.left, data.right)
        return "no labels"
    assert training.train is not None
    labels = training.train.labels()
    fit: Any = linker.fit
    if training.valid is None or "validation" not in inspect.signature(fit).parameters:
        fit(data.left, data.right, labels)
        return "train, out of fold"
    fit(data.left, data.right, labels, validation=training.valid.labels())
    return "valid"


def _used(training: Training, labelled: bool) -> dict[str, Any]:
    """How many labels were learned from."""
    if not labelled:
        return {"labels": {}}
    used = {"train": training.train, "valid": training.valid}
    return {
        "labels": {
            name: {"pairs": len(split), "positives": split.positives}
            for name, split in used.items()
            if split is not None
        }
    }


def _threshold(linker: Linker) -> float:
    fitted = next(iter(linker.fitted_.values()))
    return float(fitted.model.threshold)


def _named(
    progress: Progress | None, protocol: Protocol | None, seed: int, seeds: int
) -> Progress | None:
    if progress is None:
        return None
    name = f"{protocol}, seed {seed}" if seeds > 1 else str(protocol)
    return lambda step, share: progress(f"{name}: {step}", share)


def _split_figures(judged: Split, runs: list[_Seed]) -> dict[str, Any]:
    """Figures of the judged pairs over seeds; a pair that occurs twice counts once."""
    figures: dict[str, Any] = {"pairs": len(judged), "threshold": [r.threshold for r in runs]}
    if not judged.labelled:
        return figures
    truth = judged.pairs.drop_duplicates()
    label = truth["label"].to_numpy()
    rows = []
    for run in runs:
        metrics = evaluate_split(truth, run.scored)
        score = run.scored["score"].to_numpy()
        rows.append(
            {
                "f1": metrics.f1,
                "precision": metrics.precision,
                "recall": metrics.recall,
                "average_precision": metrics.average_precision,
                "log_loss": log_loss(label, score),
                "expected_calibration_error": expected_calibration_error(label, score),
            }
        )
    figures.update({name: summarise([row[name] for row in rows]) for name in rows[0]})
    together = evaluate_split(truth, _pair_submission(judged, runs).drop_duplicates(_KEYS))
    figures["submission_f1"] = together.f1
    return figures


def summarise(values: list[float | None]) -> dict[str, Any]:
    """Mean and spread of a figure over seeds.

    Args:
        values: One a seed; NaN or None where undefined.

    Returns:
        ``mean``, ``spread`` (standard deviation of the sample, None for fewer than two), and
        ``values``.

    """
    known = np.array([np.nan if value is None else value for value in values], float)
    known = known[~np.isnan(known)]
    return {
        "mean": float(known.mean()) if len(known) else None,
        "spread": float(known.std(ddof=1)) if len(known) > 1 else None,
        "values": values,
    }


def _pair_submission(judged: Split, runs: list[_Seed]) -> pd.DataFrame:
    """Mean of the seeds' scores for every judged pair, in the order of the file.

    A match is a mean score of at least the mean of the seeds' thresholds.
    """
    score = np.mean([run.scored["score"].to_numpy() for run in runs], axis=0)
    threshold = np.mean([run.threshold for run in runs])
    scored = runs[0].scored[_KEYS].assign(score=score, match=score >= threshold)
    return judged.pairs[_KEYS].merge(scored, on=_KEYS, how="left", validate="many_to_one")


def _all_pairs(data: TaskData, result: Result) -> tuple[dict[str, Any], pd.DataFrame]:
    """Figures over all pairs of two tables, and the matches found."""
    pairs = result.pairs[[*_KEYS, "score", "match"]]
    matches = pairs[pairs["match"]].reset_index(drop=True)
    smaller = min(table.num_rows for table in data.tables)
    figures: dict[str, Any] = {"pairs_per_record": len(pairs) / smaller}
    if data.matches is not None:
        judged = matches
        repeated = data.repeated_records()
        same = data.matches["left_id"] == data.matches["right_id"]
        if repeated and not data.matches.loc[same, "left_id"].isin(repeated).any():
            itself = (judged["left_id"] == judged["right_id"]) & judged["left_id"].isin(repeated)
            judged = judged[~itself]
            figures["records_in_both_tables"] = len(repeated)
        metrics = evaluate_pairs(judged, data.matches)
        figures |= _plain(f1=metrics.f1, precision=metrics.precision, recall=metrics.recall)
        proposed = pairs[_KEYS].merge(data.matches, on=_KEYS)
        figures["pairs_completeness"] = len(proposed) / len(data.matches)
    return figures, matches


def _clusters(data: TaskData, result: Result) -> tuple[dict[str, Any], pd.DataFrame]:
    """Figures of the clusters of one table, and the clusters."""
    clusters = result.clusters[["id", "cluster_id"]]
    figures: dict[str, Any] = {
        "pairs_per_record": len(result.pairs) / len(clusters),
        "clusters": int(clusters["cluster_id"].nunique()),
    }
    if data.entities is not None:
        known = clusters[clusters["id"].isin(data.entities.index)]
        metrics = evaluate_clusters(
            pd.factorize(known["cluster_id"])[0], pd.factorize(data.entities.loc[known["id"]])[0]
        )
        pairwise = metrics.pairwise
        figures |= _plain(f1=pairwise.f1, precision=pairwise.precision, recall=pairwise.recall)
        figures |= _plain(
            b_cubed_f1=metrics.bcubed_f1,
            b_cubed_precision=metrics.bcubed_precision,
            b_cubed_recall=metrics.bcubed_recall,
        )
        figures["records_without_truth"] = len(clusters) - len(known)
    return figures, clusters


def _plain(**figures: float) -> dict[str, Any]:
    return {name: summarise([value]) for name, value in figures.items()}
