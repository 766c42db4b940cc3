"""The summary of a run as a few lines of text."""

from __future__ import annotations

from collections.abc import Sequence

from features.compare.synonyms import synonym_lines
from linkage.results.rule_counts import rule_sentence
from linkage.results.run_account import DefinitionAccount, PolicyAccount, RunAccount
from linkage.results.variation import theme_sentence

__all__ = ["policy_lines", "run_summary"]


def run_summary(run: RunAccount) -> str:
    """Records, candidates, matches, clusters, how it was learned.

    Args:
        run: the account of the run.
    """
    counts = run["records"]
    rows = f"{counts['left']:,} records"
    if counts["right"]:
        rows = f"{counts['left']:,} and {counts['right']:,} records"
    lines = [f"{rows} in {sum(s['seconds'] for s in run['steps']):.1f} s"]
    lines += [f"note: {note}" for note in run.get("notes", [])]
    for name, account in run["definitions"].items():
        head = "" if len(run["definitions"]) == 1 else f"{name}: "
        lines.append(
            f"{head}{account['candidates']:,} candidate pairs, {account['matches']:,} matches, "
            f"{account['clusters']:,} clusters of two or more records, "
            f"{account['singletons']:,} records alone"
        )
        lines.append(f"learned from {account['anchor']}")
        lines += synonym_lines(account["synonyms"])
        masking = account.get("masking")
        lines += policy_lines(masking["treatments"] if masking else [])
        if account["metrics"]:
            m = account["metrics"]
            lines.append(
                f"held-out labels: F1 {m['f1']:.3f}, precision {m['precision']:.3f}, "
                f"recall {m['recall']:.3f}"
            )
        elif expected := account.get("expected"):
            lines.append(
                f"estimated without labels: F1 {expected['f1']:.2f}, precision "
                f"{expected['precision']:.2f}, recall {expected['recall']:.2f}"
            )
        lines += [rule_sentence(rule, name) for rule in account["rules"]]
        if ignored := sentence_of_ignored_text(account):
            lines.append(f"{head}{ignored}")
        if account.get("themes") and set(account["ignore"]) - set(account["concepts"]):
            lines.append(f"{head}{theme_sentence(account['themes'])}")
        lines += [f"note: {note}" for note in account["notes"]]
    return "\n".join(lines)


def sentence_of_ignored_text(account: DefinitionAccount) -> str:
    """What a definition ignores of texts, "" if nothing: concepts and patterns."""
    parts = []
    if account["concepts"]:
        parts.append(f"{', '.join(account['concepts'])} as titles state them")
    parts += [f"text like {pattern}" for pattern in account["ignore_text"]]
    return f"ignores {', '.join(parts)}" if parts else ""


#: Sources that are listed one by one.
_MOST_LISTED = 3


def policy_lines(policies: Sequence[PolicyAccount]) -> list[str]:
    """The masking policy of each column: source by source, or counted where there are many.

    Args:
        policies: as :meth:`features.variants.masking_policy.MaskingPolicy.to_dict` gives them.
    """
    lines = []
    for column in dict.fromkeys(one["column"] for one in policies):
        own = [one for one in policies if one["column"] == column]
        if len(own) <= _MOST_LISTED:
            lines += [one["reason"] for one in own]
            continue
        masked = [one for one in own if not one["disciplined"]]
        mentions = sum(one["masked"] for one in masked)
        lines.append(
            f"{column}: left as it is in {len(own) - len(masked):,} sources whose variants share "
            f"texts or state no variant; {mentions:,} mentions of ignored values masked in "
            f"{len(masked):,} others"
        )
    return lines
