"""The leaderboard of a challenge: the records of its tasks, averages, environments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from linkage.challenge.protocols import HEADLINE, Protocol, best_published
from linkage.challenge.task import Published
from linkage.io.output import plain_json

__all__ = ["average", "collect", "failures", "outcomes"]

_FORMAT = 1
#: Keys of a record that the leaderboard leaves out.
_INNER = ("digest", "hardware", "versions")

Record = Mapping[str, Any]


def collect(
    records: Sequence[Record], settings: Mapping[str, Any], pending: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the leaderboard of the records of tasks.

    Args:
        records: One a task that was run.
        settings: How they were run.
        pending: The tasks still to run.

    Returns:
        Plain values for JSON: ``state`` (``running`` or ``finished``), ``settings``, ``averages``
        (by protocol, the headline's first), ``tasks`` (the records, the best published figure
        beside each protocol's), ``pending``, ``protocols`` (what each does), ``environments``
        (hardware and versions, where they differ between tasks each of them), ``seconds``.

    """
    tasks = [_with_published(record) for record in sorted(records, key=lambda one: one["task"])]
    waiting = [name for name in pending if name not in {task["task"] for task in tasks}]
    used = {outcome["protocol"] for task in tasks for outcome in task.get("protocols", ())}
    protocols = [protocol for protocol in Protocol if protocol in used]
    environments: list[dict[str, Any]] = []
    for record in records:
        found = {name: record[name] for name in ("hardware", "versions") if name in record}
        if found and found not in environments:
            environments.append(found)
    board = {
        "format": _FORMAT,
        "state": "running" if pending else "finished",
        "headline": HEADLINE,
        "settings": settings,
        "averages": [average(tasks, protocol) for protocol in protocols],
        "seconds": sum(task.get("seconds", 0.0) for task in tasks),
        "tasks": tasks,
        "pending": waiting,
        "protocols": {protocol: protocol.description for protocol in protocols},
        "environments": environments,
    }
    plain: dict[str, Any] = plain_json(board)
    return plain


def average(tasks: Sequence[Record], protocol: Protocol) -> dict[str, Any]:
    """Mean F1 of a protocol over the tasks that have one.

    Args:
        tasks: Records of tasks.
        protocol: The protocol.

    Returns:
        ``protocol``, ``f1`` (None without tasks), ``tasks`` (how many count), ``failed`` (how many
        would, but have none because they failed); of classification ``accuracy`` and ``log_loss``,
        too.

    """
    found = [one for task in tasks for one in task.get("protocols", ())]
    found = [one for one in found if one["protocol"] == protocol]
    values = _means(found, "f1")
    others = ("accuracy", "log_loss") if protocol is Protocol.CLASSIFICATION else ()
    return {
        "protocol": protocol,
        "f1": _mean(values),
        **{name: _mean(_means(found, name)) for name in others},
        "tasks": len(values),
        "failed": sum("error" in one for one in found),
    }


def _means(found: Sequence[Record], name: str) -> list[float]:
    """A figure of each outcome that has it."""
    return [one[name]["mean"] for one in found if one.get(name, {}).get("mean") is not None]


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def outcomes(board: Mapping[str, Any], protocol: str) -> list[tuple[Record, Record]]:
    """Return the tasks of a leaderboard that a protocol was run on, with its figures."""
    return [
        (task, outcome)
        for task in board["tasks"]
        for outcome in task.get("protocols", ())
        if outcome["protocol"] == protocol and "error" not in outcome
    ]


def failures(record: Record) -> list[tuple[str, str]]:
    """Return the failures of a task: the protocol (empty for the task itself), and the error."""
    failed = [("", str(record["error"]))] if record.get("error") else []
    return failed + [
        (one["protocol"], one["error"]) for one in record.get("protocols", ()) if "error" in one
    ]


def _with_published(record: Record) -> dict[str, Any]:
    """The record with the best published figure beside each protocol's."""
    published = [Published(**one) for one in record.get("published", ())]
    protocols = []
    for outcome in record.get("protocols", ()):
        best = best_published(published, Protocol(outcome["protocol"]))
        protocols.append({**outcome, "best_published": None if best is None else asdict(best)})
    kept = {name: value for name, value in record.items() if name not in _INNER}
    return {**kept, "protocols": protocols}
