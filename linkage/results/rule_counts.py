"""Counts of the declared rules of a definition."""

from __future__ import annotations

import numpy as np

from blocking.candidates import Candidates
from linkage.clustering.declared_rules import DeclaredRule
from linkage.clustering.rules import Rules
from linkage.results.run_account import RuleAccount

__all__ = ["RULE_COLUMNS", "report_rules", "rule_sentence"]

#: What is counted of each rule; a count that does not apply is None.
RULE_COLUMNS = (
    "rule", "declared", "records", "candidates", "against_score", "pairs", "not_candidates",
    "kept_apart",
)  # fmt: skip


def report_rules(
    rules: Rules,
    candidates: Candidates,
    score: np.ndarray,
    threshold: float,
    labels: np.ndarray,
) -> list[RuleAccount]:
    """Counts of each declared rule: pairs it fired on, decided against the score, or missed.

    Args:
        rules: the rules.
        candidates: pairs of records that blocking found.
        score: their scores before the rules.
        threshold: score from which a pair matches.
        labels: cluster of each record in the end.

    Returns:
        For each rule: ``rule`` and ``declared`` (the definition that declares it), ``records``
        that have a value, ``candidates`` on which it fired, ``against_score``: those whose score
        said otherwise; for ``must`` also ``pairs`` that it joins, ``not_candidates``: those that
        blocking missed, and ``kept_apart``: pairs that ``cannot`` rules, or the largest size of a
        cluster, kept apart all the same.
    """
    return [_report(rule, rules, candidates, score >= threshold, labels) for rule in rules.declared]


def _report(
    rule: DeclaredRule,
    rules: Rules,
    candidates: Candidates,
    match: np.ndarray,
    labels: np.ndarray,
) -> RuleAccount:
    fired = rule.fires(candidates.left, candidates.right)
    against = fired & (match if rule.verb == "cannot" else ~match)
    found: RuleAccount = {
        "rule": str(rule),
        "declared": rule.declared,
        "records": int(np.sum(rule.values >= 0)),
        "candidates": int(fired.sum()),
        "against_score": int(against.sum()),
        "pairs": None,
        "not_candidates": None,
        "kept_apart": None,
    }
    if rule.verb == "must":
        everything = _pairs_within(rule.values, rule.values >= 0, rules.side)
        width = int(labels.max(initial=0)) + 1
        together = np.where(rule.values >= 0, rule.values * width + labels, -1)
        joined = _pairs_within(together, rule.values >= 0, rules.side)
        found["pairs"] = joined
        same = labels[candidates.left] == labels[candidates.right]
        found["not_candidates"] = joined - int(np.sum(fired & same))
        found["kept_apart"] = everything - joined
    return found


def _pairs_within(group: np.ndarray, use: np.ndarray, side: np.ndarray | None) -> int:
    codes, count = np.unique(group[use], return_inverse=True, return_counts=True)[1:]
    if side is None:
        return int(np.sum(count * (count - 1) // 2))
    twos = np.bincount(codes, weights=side[use], minlength=len(count)).astype(np.int64)
    return int(np.sum((count - twos) * twos))


def rule_sentence(account: RuleAccount, definition: str) -> str:
    """The counts of a rule as a sentence.

    Args:
        account: of one rule, see :func:`report_rules`.
        definition: the definition it was applied under.
    """
    name = account["rule"]
    if account["declared"] != definition:
        name += f" (of {account['declared']})"
    if account["pairs"] is None:
        return (
            f"{name}: {account['candidates']:,} candidate pairs ruled out, "
            f"{account['against_score']:,} of them against their score"
        )
    text = (
        f"{name}: {account['pairs']:,} pairs joined, {account['not_candidates']:,} of them no "
        f"candidates, {account['against_score']:,} against their score"
    )
    if account["kept_apart"]:
        text += f"; {account['kept_apart']:,} pairs kept apart by other rules or limits"
    return text
