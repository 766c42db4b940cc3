"""The figures of the benchmark of scale as a page to read."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from linkage.challenge.markdown import escape, table

__all__ = ["exponent", "render_scale"]

Run = Mapping[str, Any]
#: Sizes to which the fitted growth is carried on.
_BEYOND = (10_000_000, 100_000_000)
_HOUR, _MINUTE = 3600, 60


def exponent(rows: Sequence[float], seconds: Sequence[float]) -> float:
    """Exponent b of seconds = a rows**b, by least squares on logarithms."""
    x, y = [math.log(v) for v in rows], [math.log(v) for v in seconds]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    over = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    return over / sum((a - mean_x) ** 2 for a in x)


def render_scale(figures: Mapping[str, Any]) -> str:
    """Return the page.

    Args:
        figures: As ``scripts/bench_scale`` stores them.
    """
    machine = figures["machine"]
    runs = sorted(figures["runs"], key=lambda run: (run["catalog"] != "plain", run["rows"]))
    parts = [
        "# Scale\n",
        "Generated from `scale.json` by `scripts/make_scale.py`; do not edit. The figures are "
        "those of a run of `scripts/bench_scale` on generated catalogs "
        f"(`scripts/make_catalog.py`, seed {figures['seed']}): wall seconds of the whole command, "
        "from the start of the interpreter to the last file, both match definitions (exact, and "
        "without colour and size), peak memory of the process.\n",
        f"Machine: {escape(machine['cpu'])}, {machine['threads']} threads"
        + (f". {escape(figures['note'])}" if figures.get("note") else "")
        + ".\n",
        "## Runs\n",
        _runs(runs),
        _growth(runs),
        _stages(runs),
        _peers(figures),
    ]
    return "\n".join(part for part in parts if part)


def _runs(runs: Sequence[Run]) -> str:
    columns = [
        "catalog", "labels", "rows", "seconds", "processor seconds", "peak MiB",
        "candidates a row", "their recall", "exact F1", "variant F1", "exact pairs F1",
    ]  # fmt: skip
    rows = []
    for run in runs:
        found = run["definitions"]
        rows.append(
            [
                escape(run["catalog"]), escape(run["labels"] or "none"), f"{run['rows']:,}",
                _seconds(run["wall"]), _seconds(run["cpu"]), f"{run['peak_mb']:,.0f}",
                _number(run.get("candidates", {}).get("per_record")),
                _percent(run.get("candidates", {}).get("recall")),
                *(_percent(_f1(found, name, "clusters")) for name in ("exact", "variant")),
                _percent(_f1(found, "exact", "pairs")),
            ]
        )  # fmt: skip
    return table(columns, rows, texts=2) + (
        "\nF1 is pairwise: of clusters, and in the last column of pairs by their scores alone. "
        "Recall is that of the candidate pairs of the exact definition.\n"
    )


def _growth(runs: Sequence[Run]) -> str:
    plain = [run for run in runs if run["catalog"] == "plain" and not run["labels"]]
    if len(plain) < 2:
        return ""
    largest = plain[-2:]
    rows, wall = [run["rows"] for run in largest], [run["wall"] for run in largest]
    power = exponent(rows, wall)
    lines = ["## How cost grows\n"]
    for what, unit in (("wall", "Wall seconds"), ("cpu", "Processor seconds")):
        fitted = exponent(rows, [run[what] for run in largest])
        lines.append(f"- {unit} grow with the power {fitted:.2f} of the rows.")
    memory = [run["peak_mb"] for run in largest]
    a_row = (memory[1] - memory[0]) / (rows[1] - rows[0]) * 1024
    lines.append(f"- Each further row takes {a_row:.1f} KiB of peak memory.")
    lines.append(f"\nBoth are of the step from {rows[0]:,} to {rows[1]:,} rows.\n")
    beyond = []
    for size in _BEYOND:
        factor = size / rows[1]
        beyond.append(
            [
                f"{size:,}",
                _duration(wall[1] * factor ** max(power, 1.0)),
                f"{(memory[1] + a_row / 1024 * (size - rows[1])) / 1024:,.0f} GiB",
            ]
        )
    lines.append("Carried on in the same way, which nobody has run:\n")
    lines.append(table(["rows", "time", "memory"], beyond))
    return "\n".join(lines)


def _stages(runs: Sequence[Run]) -> str:
    plain = [run for run in runs if run["catalog"] == "plain" and not run["labels"]]
    if not plain:
        return ""
    names = list(plain[-1]["steps"])
    rows = []
    for name in names:
        cells = [_seconds(run["steps"].get(name)) for run in plain]
        rows.append([escape(name), *cells])
    said = [sum(run["steps"].values()) for run in plain]
    rest = [_seconds(max(run["wall"] - s, 0)) for run, s in zip(plain, said, strict=True)]
    rows.append(["start, reading, writing", *rest])
    heads = ["step", *(f"{run['rows']:,} rows" for run in plain)]
    return "## Where time goes\n\nSeconds by step, without labels.\n\n" + table(heads, rows)


def _peers(figures: Mapping[str, Any]) -> str:
    rows = []
    for peer in figures.get("peers", ()):
        match = [
            run
            for run in figures["runs"]
            if run["rows"] == peer["rows"] and run["catalog"] == "plain" and not run["labels"]
        ]
        if not match:
            continue
        own = match[0]
        rows.append(
            [
                escape(peer["name"]), f"{peer['rows']:,}", _seconds(peer["wall"]),
                _seconds(peer["cpu"]), f"{peer['peak_mb']:,.0f}",
                _percent(_f1(peer["definitions"], "exact", "clusters")),
                *(f"{own[what] / peer[what]:.2f}" for what in ("wall", "cpu", "peak_mb")),
            ]
        )  # fmt: skip
    if not rows:
        return ""
    heads = [
        "peer", "rows", "seconds", "processor seconds", "peak MiB", "exact F1",
        "our seconds over its", "processor", "memory",
    ]  # fmt: skip
    return (
        "## Beside a peer\n\nOn the same files in the same run; the peer answers the exact "
        "definition alone, with preparation and a filter of conflicts written by hand.\n\n"
        + table(heads, rows)
    )


def _f1(definitions: Mapping[str, Any], name: str, what: str) -> float | None:
    value: float | None = definitions.get(name, {}).get(what, {}).get("f1")
    return value


def _seconds(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def _duration(seconds: float) -> str:
    if seconds >= 2 * _HOUR:
        return f"{seconds / _HOUR:.1f} hours"
    return f"{seconds / _MINUTE:.0f} minutes"
