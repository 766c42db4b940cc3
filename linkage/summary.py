"""A run in a few lines, for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from features.synonyms import synonym_lines
from linkage.rule_report import rule_sentence
from linkage.treatment_summary import treatment_lines
from linkage.variation import theme_sentence

__all__ = ["run_summary"]


def run_summary(run: Mapping[str, Any]) -> str:
    """Records, candidates, matches, clusters, how it was learned.

    Args:
        run: the account of a run, as `linkage.result.Result.run`.
    """
    counts = run["records"]
    rows = f"{counts['left']:,} records"
    if counts["right"]:
        rows = f"{counts['left']:,} and {counts['right']:,} records"
    lines = [f"{rows} in {sum(s['seconds'] for s in run['steps']):.1f} s"]
    for name, account in run["definitions"].items():
        head = "" if len(run["definitions"]) == 1 else f"{name}: "
        lines.append(
            f"{head}{account['candidates']:,} candidate pairs, {account['matches']:,} matches, "
            f"{account['clusters']:,} clusters of two or more records, "
            f"{account['singletons']:,} records alone"
        )
        lines.append(f"learned from {account['anchor']}")
        lines += synonym_lines(account["synonyms"])
        masking = account.get("masking") or {"treatments": []}
        lines += treatment_lines(masking["treatments"])
        if account["metrics"]:
            m = account["metrics"]
            lines.append(
                f"held-out labels: F1 {m['f1']:.3f}, precision {m['precision']:.3f}, "
                f"recall {m['recall']:.3f}"
            )
        lines += [rule_sentence(rule, name) for rule in account["rules"]]
        if account.get("themes"):
            lines.append(f"{head}{theme_sentence(account['themes'])}")
        lines += [f"note: {note}" for note in account["notes"]]
    return "\n".join(lines)
