"""A leaderboard as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from linkage.challenge.leaderboard import failures, outcomes
from linkage.challenge.markdown import escape, table
from linkage.challenge.task import TaskKind

__all__ = ["render_leaderboard", "render_results"]

#: A cell of a protocol's table, made of its figures on one task.
Cell = Callable[[Mapping[str, Any]], str]
#: Tasks with the figures of a protocol on each.
Rows = Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]

_NOTHING = "–"
_INTRODUCTION = (
    "Generated from `results.json` by `scripts/make_results.py`; do not edit. The figures are "
    "those of a run of `linkage challenge`."
)


def render_leaderboard(board: Mapping[str, Any]) -> str:
    """Return a leaderboard as Markdown.

    Args:
        board: As :func:`linkage.challenge.leaderboard.collect` returns it.

    """
    return "\n".join(["# Leaderboard\n", *_parts(board)])


def render_results(board: Mapping[str, Any]) -> str:
    """Return the project's page of results as Markdown.

    Args:
        board: A leaderboard that may also have ``extra``: a list of further tables, each with
            ``title``, ``note``, ``columns`` and ``rows``.

    """
    parts = ["# Results\n", _INTRODUCTION + "\n", *_parts(board)]
    for one in board.get("extra", ()):
        parts.append(f"## {escape(one['title'])}\n")
        if one.get("note"):
            parts.append(escape(one["note"]) + "\n")
        rows = [[_value(cell) for cell in row] for row in one["rows"]]
        parts.append(table([escape(name) for name in one["columns"]], rows))
    return "\n".join(parts)


def _parts(board: Mapping[str, Any]) -> list[str]:
    parts = [_summary(board), _averages(board)]
    for protocol, description in board["protocols"].items():
        rows = outcomes(board, protocol)
        if rows:
            parts += [f"## {escape(_title(protocol))}\n", f"{description}{_thresholds(rows)}\n"]
            parts.append(_protocol_table(board, protocol, rows))
    parts += [_tasks(board), _published(board), _failed(board), _environments(board)]
    return [part for part in parts if part]


def _summary(board: Mapping[str, Any]) -> str:
    settings = board["settings"]
    split = settings["split"]
    lines = []
    for one in board["averages"]:
        if one["protocol"] == board["headline"] and one["f1"] is not None:
            lines.append(
                f"**{escape(_title(one['protocol']))}, {escape(split)}: F1 {_percent(one['f1'])} "
                f"on average over {_tasks_counted(one)}.**"
            )
        elif one.get("accuracy") is not None:
            lines.append(
                f"**{escape(_title(one['protocol']))}, {escape(split)}: accuracy "
                f"{_percent(one['accuracy'])}, macro F1 {_percent(one['f1'])}, log loss "
                f"{_number(one['log_loss'], 3)} on average over {_tasks_counted(one)}.**"
            )
    lines.append(
        f"Quality `{settings['quality']}`, {_count(settings['seeds'], 'seed')}, judged on "
        f"{escape(split)}; {_count(len(board['tasks']), 'task')} in {_duration(board['seconds'])}. "
        "Figures are percent unless said."
    )
    if settings["as_stored"]:
        lines.append(
            f"Splits as stored: pairs of {escape(split)} that are also in train or valid were left "
            "there."
        )
    if split != "test":
        lines.append("For development: trained on train alone, the test split was not looked at.")
    if board["pending"]:
        waiting = ", ".join(map(escape, board["pending"]))
        lines.append(f"Not finished; still to run: {waiting}.")
    return "\n\n".join(lines) + "\n"


def _tasks_counted(one: Mapping[str, Any]) -> str:
    failed = f" ({one['failed']} more failed)" if one["failed"] else ""
    return _count(one["tasks"], "task") + failed


def _averages(board: Mapping[str, Any]) -> str:
    rows = [
        [escape(one["protocol"]), str(one["tasks"]), _percent(one["f1"])]
        for one in board["averages"]
        if one["f1"] is not None
    ]
    if not rows:
        return ""
    return "## Averages\n\n" + table(["protocol", "tasks", "mean F1"], rows)


def _protocol_table(
    board: Mapping[str, Any],
    protocol: str,
    rows: Rows,
) -> str:
    columns = _COLUMNS[protocol.partition(",")[0]]
    cells = [[escape(task["task"]), *(cell(one) for _, cell in columns)] for task, one in rows]
    mean = next(one for one in board["averages"] if one["protocol"] == protocol)
    if mean["tasks"] > 1:
        blank = [""] * (len(columns) - 1)
        cells.append(["**average**", f"**{_percent(mean['f1'])}**", *blank])
    return table(["task", *(name for name, _ in columns)], cells)


def _thresholds(rows: Rows) -> str:
    """Where thresholds of labelled runs come from, which depends on the splits there are."""
    counts = Counter(one["threshold_from"] for _, one in rows if one.get("labels"))
    shown = ", ".join(f"{escape(name)} ({_count(n, 'task')})" for name, n in counts.items())
    return f" Thresholds chosen on: {shown}." if counts else ""


def _share(name: str) -> Cell:
    return lambda one: _percent(one[name]["mean"]) if name in one else _NOTHING


def _spread(one: Mapping[str, Any]) -> str:
    return _percent(one["f1"]["spread"]) if "f1" in one else _NOTHING


def _plain_mean(name: str, digits: int) -> Cell:
    return lambda one: _number(one[name]["mean"], digits) if name in one else _NOTHING


def _best(one: Mapping[str, Any]) -> str:
    best = one.get("best_published")
    return _NOTHING if best is None else f"{best['f1']:.1f} {escape(best['system'])}"


_F1 = [("F1", _share("f1"))]
_PRECISION_RECALL = [("precision", _share("precision")), ("recall", _share("recall"))]
_PAIRS_A_RECORD: tuple[str, Cell] = (
    "pairs a record",
    lambda one: _number(one.get("pairs_per_record"), 1),
)
_LAST: list[tuple[str, Cell]] = [
    ("seconds", lambda one: _number(one.get("seconds"), 1)),
    ("best published", _best),
]
_CLUSTER_COLUMNS: list[tuple[str, Cell]] = [
    ("pairwise F1", _share("f1")),
    *_PRECISION_RECALL,
    ("B-cubed F1", _share("b_cubed_f1")),
    _PAIRS_A_RECORD,
    *_LAST,
]
_COLUMNS: dict[str, list[tuple[str, Cell]]] = {
    "pair split": [
        *_F1,
        ("spread", _spread),
        *_PRECISION_RECALL,
        ("average precision", _share("average_precision")),
        ("log loss (nats)", _plain_mean("log_loss", 3)),
        ("calibration error", _share("expected_calibration_error")),
        *_LAST,
    ],
    "end to end": [
        *_F1,
        *_PRECISION_RECALL,
        ("pairs completeness", lambda one: _percent(one.get("pairs_completeness"))),
        _PAIRS_A_RECORD,
        *_LAST,
    ],
    "classification": [
        ("macro F1", _share("f1")),
        ("spread", _spread),
        ("accuracy", _share("accuracy")),
        ("log loss (nats)", _plain_mean("log_loss", 3)),
        ("classes", lambda one: _number(one.get("classes"), 0)),
        *_LAST,
    ],
    "cluster": _CLUSTER_COLUMNS,
    "group": _CLUSTER_COLUMNS,
}


def _tasks(board: Mapping[str, Any]) -> str:
    rows = []
    for task in board["tasks"]:
        if "splits" not in task:
            continue
        leakage = task["leakage"]
        shared = {name: count for name, count in leakage.items() if name != "removed" and count}
        text = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in shared.items())
        submission = task["submission"]
        rows.append(
            [
                escape(task["task"]),
                " x ".join(f"{count:,}" for count in task["records"]),
                " / ".join(f"{one['pairs']:,}" for one in task["splits"].values()) or _NOTHING,
                text or _NOTHING,
                f"{submission['rows']:,}" if submission else _NOTHING,
                _number(task["seconds"], 1),
                _number(task["peak_memory_mb"], 0),
            ]
        )
    if not rows:
        return ""
    columns = [
        "task", "records", "train / valid / test pairs", "shared pairs", "submitted rows",
        "seconds", "peak memory (MiB)",
    ]  # fmt: skip
    removed = "left in" if board["settings"]["as_stored"] else "taken out of train and valid"
    note = (
        f"Every task ran in a process of its own, whose seconds and memory these are. Pairs of the "
        f"judged split that are in train or valid, too, were {removed}."
    )
    if any(task.get("kind") == TaskKind.CLASSIFICATION for task in board["tasks"]):
        note += " Splits of classification tasks are rows."
    notes = "".join(
        f"\n- {escape(task['task'])}: {escape(text)}"
        for task in board["tasks"]
        for text in task.get("notes", ())
    )
    return f"## Tasks\n\n{note}\n\n" + table(columns, rows) + (notes and f"\n{notes}\n")


def _published(board: Mapping[str, Any]) -> str:
    rows = [
        [
            escape(task["task"]),
            escape(one["system"]),
            escape(one["on"]) or _NOTHING,
            escape(one["source"]) or _NOTHING,
            f"{one['f1']:.2f}",
        ]
        for task in board["tasks"]
        for one in task.get("published", ())
    ]
    if not rows:
        return ""
    note = "As the task files give them; the figures above stand beside the best of these."
    columns = ["task", "system", "on", "from", "F1"]
    return f"## Published figures\n\n{note}\n\n" + table(columns, rows, texts=4)


def _failed(board: Mapping[str, Any]) -> str:
    rows = [
        [escape(task["task"]), escape(protocol) or "all", escape(sentence)]
        for task in board["tasks"]
        for protocol, sentence in failures(task)
    ]
    if not rows:
        return ""
    return "## Failed\n\n" + table(["task", "protocol", "why"], rows, texts=3)


def _environments(board: Mapping[str, Any]) -> str:
    lines = []
    for one in board["environments"]:
        machine = one["hardware"]
        graphics = f", {escape(machine['gpu'])}" if machine["gpu"] else ", no GPU used"
        libraries = ", ".join(f"{name} {number}" for name, number in one["versions"].items())
        lines.append(
            f"- {escape(machine['cpu'])}, {machine['threads']} of {machine['cores']} cores, "
            f"{machine['memory_gb']} GB{graphics}, {escape(machine['system'])}; "
            f"{escape(libraries)}"
        )
    return "## Hardware and versions\n\n" + "\n".join(lines) + "\n" if lines else ""


def _title(protocol: str) -> str:
    return protocol[:1].upper() + protocol[1:]


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _percent(share: float | None) -> str:
    return _NOTHING if share is None else f"{100 * share:.1f}"


def _number(value: float | None, digits: int) -> str:
    return _NOTHING if value is None else f"{value:,.{digits}f}"


def _value(cell: Any) -> str:
    if cell is None:
        return _NOTHING
    return f"{cell:,.1f}" if isinstance(cell, float) else escape(cell)


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.1f} min"
