"""Which protocols a task allows, and which published figures stand beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from linkage.challenge.protocols import Protocol, allowed_protocols, best_published, parse_protocols
from linkage.challenge.task import Published, Task, TaskKind
from linkage.errors import ConfigError

P = Protocol


def task(kind: str, *files: str) -> Task:
    here = Path("task")
    return Task("t", here, TaskKind(kind), "", {}, (), (), {name: here / name for name in files})


@pytest.mark.parametrize(
    ("kind", "files", "split", "expected"),
    [
        (
            "linkage", "train valid test truth", "test",
            [P.PAIR_SPLIT, P.PAIR_SPLIT_NO_CONTEXT, P.PAIR_SPLIT_NO_LABELS, P.END_TO_END,
             P.END_TO_END_NO_LABELS],
        ),
        ("linkage", "train test", "test",
         [P.PAIR_SPLIT, P.PAIR_SPLIT_NO_CONTEXT, P.PAIR_SPLIT_NO_LABELS]),
        ("linkage", "test", "test", [P.PAIR_SPLIT_NO_LABELS]),
        ("linkage", "truth", "test", [P.END_TO_END_NO_LABELS]),
        ("linkage", "", "test", [P.END_TO_END_NO_LABELS]),
        ("linkage", "train test", "valid", [P.END_TO_END, P.END_TO_END_NO_LABELS]),
        ("dedupe", "clusters", "test", [P.CLUSTER_NO_LABELS]),
        ("dedupe", "train test", "test", [P.PAIR_SPLIT, P.PAIR_SPLIT_NO_LABELS]),
        ("dedupe", "", "test", [P.CLUSTER_NO_LABELS]),
        ("variants", "clusters", "test", [P.GROUP_NO_LABELS]),
    ],
)  # fmt: skip
def test_allowed(kind: str, files: str, split: str, expected: list[Protocol]) -> None:
    assert allowed_protocols(task(kind, *files.split()), split) == expected


def test_names_of_options() -> None:
    assert parse_protocols([]) == tuple(P)
    assert parse_protocols(["end-to-end-no-labels", "pair-split"]) == (
        P.PAIR_SPLIT,
        P.END_TO_END_NO_LABELS,
    )
    with pytest.raises(ConfigError, match="Did you mean"):
        parse_protocols(["pairsplit"])


def test_every_protocol_says_what_it_makes_use_of() -> None:
    assert all(protocol.description.endswith(".") for protocol in P)
    assert "Transductive" in P.PAIR_SPLIT.description


def test_published_figures_stand_beside_what_they_are_of() -> None:
    split = Published("A", 75.0, "standard test split")
    part = Published("B", 80.0, "down-sampled version of the test split")
    whole = Published("C", 90.0, "all pairs of both tables")
    every = [split, part, whole]
    assert best_published(every, P.PAIR_SPLIT) == part
    assert best_published(every, P.END_TO_END_NO_LABELS) == whole
    assert best_published([whole], P.PAIR_SPLIT) is None
