"""The summary of a benchmark: figures by protocol or form and by half, down to the worst."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from unseen_bench.forms import Form
from unseen_bench.halves import HALVES

__all__ = ["DROP", "summarise_rows", "written"]

Row = dict[str, Any]
#: F1 of a diluted task less that of the plain one.
DROP = "diluted, less plain"
#: Baselines are given in hundredths of a percent.
_ROUNDING = 5e-5


def summarise_rows(rows: Sequence[Row]) -> list[Row]:
    """Return the spread of the figures of each protocol or form in each half.

    Args:
        rows: As :func:`unseen_bench.task_run.run_form` returns them, with ``half``; of a task that
            failed ``error`` in place of a figure.

    Returns:
        ``name, half, tasks, mean, median, tenth`` (the worst tenth begins there)``, worst,
        worst_task`` and how many are ``below`` their baseline.

    """
    figured = [row for row in rows if "figure" in row]
    plain = {_key(row): row["figure"] for row in figured if row["form"] == Form.PLAIN}
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in figured:
        groups.setdefault((_name(row), row["half"]), []).append(row)
        if row["form"] == Form.DILUTED and _key(row) in plain:
            drop = {**row, "figure": row["figure"] - plain[_key(row)], "baseline": None}
            groups.setdefault((DROP, row["half"]), []).append(drop)
    order = sorted(groups, key=lambda key: (key[0], HALVES.index(key[1])))
    return [{"name": name, "half": half, **_spread(groups[name, half])} for name, half in order]


def written(summary: Sequence[Row]) -> str:
    """Return a summary as lines of text, shares in percent."""
    lines = [f"{'':<34}{'half':<11}tasks    mean  median   tenth   worst"]
    for row in summary:
        shares = "".join(f"{100 * row[name]:8.1f}" for name in ("mean", "median", "tenth", "worst"))
        below = f"; {row['below']} below a baseline" if row["below"] else ""
        begin = f"{row['name']:<34}{row['half']:<11}{row['tasks']:5}"
        lines.append(f"{begin}{shares}  {row['worst_task']}{below}")
    return "\n".join(lines)


def _spread(rows: list[Row]) -> Row:
    # Of all figures but the records of an emptied table that were joined, more is better.
    sign = -1 if rows[0]["form"] == Form.EMPTIED else 1
    figure = sign * np.array([row["figure"] for row in rows])
    worst = int(np.argmin(figure))
    below = [r for r in rows if r["figure"] < (r.get("baseline") or 0.0) - _ROUNDING]
    return {
        "tasks": len(rows),
        "mean": sign * float(figure.mean()),
        "median": sign * float(np.median(figure)),
        "tenth": sign * float(np.quantile(figure, 0.1)),
        "worst": sign * float(figure[worst]),
        "worst_task": rows[worst]["task"],
        "below": len(below),
    }


def _key(row: Row) -> tuple[str, str]:
    return row["task"], row.get("protocol", "")


def _name(row: Row) -> str:
    parts = {Form.PLAIN: (row.get("protocol"),), Form.DILUTED: ("diluted", row.get("protocol"))}
    return ": ".join(parts.get(row["form"], (row["form"],)))
