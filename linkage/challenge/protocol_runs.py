"""Runs of the protocols of one task: learn, predict, compare with the truth."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from linkage.challenge.protocol_figures import (
    SeedRun,
    all_pair_figures,
    cluster_figures,
    pair_submission,
    split_figures,
)
from linkage.challenge.protocols import Protocol, allowed_protocols
from linkage.challenge.settings import ChallengeSettings
from linkage.challenge.task_data import TaskData
from linkage.challenge.task_training import Training, training_of
from linkage.config.authored import Config
from linkage.errors import LinkageError
from linkage.runtime import ProgressFunction

if TYPE_CHECKING:
    from linkage.linker import Linker

__all__ = ["Outcome", "run_protocols", "sentence_of"]

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


@dataclass(frozen=True)
class Outcome:
    """The result of a protocol on a task.

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


def run_protocols(
    data: TaskData, settings: ChallengeSettings, progress: ProgressFunction | None = None
) -> Iterator[Outcome]:
    """Run the protocols of a task, each as far as its files allow.

    Args:
        data: The task's data.
        settings: Which protocols, and how.
        progress: Called with a step's name and the share of it that is done.

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
    """Return the sentence by which a leaderboard reports an error."""
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
    progress: ProgressFunction | None,
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
    runs: list[SeedRun] = []
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
            runs.insert(0, SeedRun(scored, _threshold(linker)))
        spent += time.perf_counter() - begun
    learned = {"threshold_from": threshold_from, **_used(training, labelled)}
    if scoring is not None:
        assert training.judged is not None
        figures = {**split_figures(training.judged, runs), "seconds": spent, **learned}
        yield Outcome(scoring, figures, pair_submission(training.judged, runs))
    if matching is not None:
        linker.progress = _named(progress, matching, seeds[-1], 1)
        begun = time.perf_counter()
        result = linker.match(data.left, data.right)
        # As if run alone: with the first fit, which prepared the tables, too.
        seconds = first_fit + time.perf_counter() - begun
        judge = all_pair_figures if data.right is not None else cluster_figures
        figures, submission = judge(data, result)
        yield Outcome(matching, {**figures, "seconds": seconds, **learned}, submission)


def _config(data: TaskData, settings: ChallengeSettings, *, context: bool) -> Config:
    values: dict[str, Any] = {"training": {"context": context}}
    if data.kinds:
        values["attributes"] = dict(data.kinds)
    if data.task.ignore:
        values["match"] = {"variant": {"ignore": list(data.task.ignore)}}
    return settings.config(**values)


def _fit(linker: Linker, data: TaskData, training: Training | None) -> str:
    """Fit a linker; return the labels that its threshold was chosen on, in words."""
    if training is None:
        linker.fit(data.left, data.right)
        return "no labels"
    assert training.train is not None
    labels = training.train.labels()
    if training.valid is None:
        linker.fit(data.left, data.right, labels)
        return "train, out of fold"
    linker.fit(data.left, data.right, labels, validation=training.valid.labels())
    return "valid"


def _used(training: Training, labelled: bool) -> dict[str, Any]:
    """Number of pairs and of positives learned from, by split."""
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
    progress: ProgressFunction | None, protocol: Protocol | None, seed: int, seeds: int
) -> ProgressFunction | None:
    if progress is None:
        return None
    name = f"{protocol}, seed {seed}" if seeds > 1 else str(protocol)
    return lambda step, share: progress(f"{name}: {step}", share)
