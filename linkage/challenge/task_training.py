"""The pairs of a task that are learned from, and those that are judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from linkage.challenge.settings import ChallengeSettings
from linkage.challenge.task_data import Split, TaskData

__all__ = ["Training", "training_of"]


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


def training_of(data: TaskData, settings: ChallengeSettings) -> Training:
    """Return the pairs that are learned from and those that are judged.

    A judged pair whose label was in training would leak the truth, so that pairs of the judged
    split are removed from the splits that are learned from, unless ``as_stored`` is set.

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
