"""What ``linkage evaluate`` does, once its arguments are parsed."""

from __future__ import annotations

import json
from pathlib import Path

from rich.table import Table

from linkage.cli.plain_console import PlainConsole
from linkage.cli.run_options import RunOptions
from linkage.cli.terminal_text import say
from linkage.evaluation.definitions import evaluate_definitions, parse_truths
from linkage.evaluation.run import RunEvaluation
from linkage.io.output import plain_json

__all__ = ["print_evaluation", "run_evaluate"]


def run_evaluate(
    folder: Path,
    truths: list[str],
    definition: str | None,
    options: RunOptions,
    *,
    as_json: bool,
) -> None:
    """Print how well the results of a run agree with the truth of its definitions."""
    found = evaluate_definitions(
        folder,
        parse_truths(truths, definition),
        id_column=options.id_column,
        encoding=options.encoding,
    )
    if as_json:
        say(json.dumps(plain_json(found.to_dict()), indent=2, allow_nan=False))
        return
    for name, evaluation in found.definitions.items():
        print_evaluation(evaluation, name)
    if found.nesting:
        pairs = ", ".join(f"{pair['stricter']} in {pair['looser']}" for pair in found.nesting)
        say(f"nesting violations: {found.violations:,} ({pairs})")


def print_evaluation(evaluation: RunEvaluation, name: str = "") -> None:
    """Print the metrics of an evaluation, under its protocol and a match definition's name."""
    title = f"{name}. {evaluation.protocol}" if name else evaluation.protocol
    shown = Table(title=title, title_justify="left", show_header=False)
    shown.add_column()
    shown.add_column(justify="right")
    for metric, value in evaluation.rows:
        shown.add_row(metric, f"{value:,}" if isinstance(value, int) else f"{value:.4f}")
    PlainConsole().print(shown)
