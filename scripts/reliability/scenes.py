"""Commands that a campaign kills: each with its inputs, its output and what lay there before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from reliability.fixture import FAST

__all__ = ["SCENES", "Scene"]


@dataclass(frozen=True)
class Scene:
    """A command that is killed.

    Attributes:
        arguments: of the command, which runs in a folder with copies of the inputs.
        output: what it writes.
        earlier: the command whose output lies there before, if any.
        resumes: whether it goes on where a killed run was.
        weight: how often it is drawn.
    """

    arguments: Sequence[str]
    output: str
    earlier: Sequence[str] = ()
    resumes: bool = False
    weight: int = 4
    inputs: Sequence[str] = field(default=("catalog.csv", "right.csv", "labels.csv", "pairs.csv"))


_DEDUPE = ("dedupe", "catalog.csv", "-o", "out", *FAST)
_OTHER = ("dedupe", "right.csv", "-o", "out", *FAST)
_TRAIN = ("train", "catalog.csv", "--labels", "labels.csv", "--model", "out", *FAST)
_SCORE = (
    "score", "catalog.csv", "--pairs", "pairs.csv", "--model", "model", "-o", "out.csv",
    "--threads", "1", "--quiet",
)  # fmt: skip
_CHALLENGE = (
    "challenge", "suite", "-o", "out", "--protocols", "cluster-no-labels", "--seeds", "1", *FAST,
)  # fmt: skip

SCENES = {
    "dedupe": Scene(_DEDUPE, "out"),
    "dedupe, resumed": Scene((*_DEDUPE, "--resume"), "out", resumes=True),
    "dedupe, forced": Scene((*_DEDUPE, "--force"), "out", earlier=_OTHER),
    "resumed, forced": Scene((*_DEDUPE, "--force", "--resume"), "out", _OTHER, resumes=True),
    "link": Scene(("link", "catalog.csv", "right.csv", "-o", "out", *FAST), "out"),
    "train": Scene(_TRAIN, "out"),
    "train, forced": Scene((*_TRAIN, "--force"), "out", earlier=(*_TRAIN, "--seed", "5")),
    "score": Scene(_SCORE, "out.csv"),
    # A challenge starts an interpreter for each task, which takes longest of all.
    "challenge": Scene(_CHALLENGE, "out", resumes=True, weight=1),
}
