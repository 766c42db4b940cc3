"""Records of tasks and a leaderboard of them, as runs leave them."""

from __future__ import annotations

from typing import Any

from linkage.challenge.leaderboard import collect
from linkage.challenge.protocol_figures import summarise
from linkage.challenge.settings import ChallengeSettings

ENVIRONMENT = {
    "hardware": {
        "cpu": "Some CPU", "cores": 4, "threads": 2, "memory_gb": 16.0, "gpu": None,
        "system": "Linux x86_64",
    },
    "versions": {"linkage": "0.1.0", "python": "3.11.0"},
}  # fmt: skip


def outcome(protocol: str, f1: list[float] | None, **more: Any) -> dict[str, Any]:
    figures: dict[str, Any] = {} if f1 is None else {"f1": summarise([*f1])}
    return {"protocol": protocol, "seconds": 1.5, **figures, **more}


def record(task: str, *protocols: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "task": task,
        "title": "",
        "kind": "linkage",
        "published": [],
        "records": [1000, 2000],
        "splits": {"train": {"pairs": 50, "positives": 5}, "test": {"pairs": 20, "positives": 2}},
        "leakage": {"test_in_train": 0, "removed": True},
        "protocols": list(protocols),
        "submission": {"protocol": "pair split", "rows": 20},
        "seconds": 3.0,
        "peak_memory_mb": 512.3,
        "error": None,
        "digest": "d1",
        **ENVIRONMENT,
        **more,
    }


def published(system: str, f1: float, on: str = "") -> dict[str, Any]:
    return {"system": system, "f1": f1, "on": on, "source": ""}


def board(*records: dict[str, Any], **settings: Any) -> dict[str, Any]:
    return collect(records, ChallengeSettings(**settings).identity())
