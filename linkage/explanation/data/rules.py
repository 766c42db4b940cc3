"""Rules that fire on a pair or between two clusters, and overrule its score."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from linkage.clustering.declared_rules import DeclaredRule
from linkage.clustering.rules import Rules
from linkage.explanation.data.findings import RuleFinding
from linkage.models.pair_model import PairModel
from linkage.scoring.score import equal_pairs
from linkage.scoring.session import Session

__all__ = ["rules_between", "rules_of_pair"]

#: Records of a cluster that are looked at for rules between clusters.
_MOST_RECORDS = 500


def rules_of_pair(
    rules: Rules,
    session: Session,
    model: PairModel,
    rows: tuple[int, int],
    session_rows: tuple[int, int],
) -> list[RuleFinding]:
    """The rules that fire on a pair: decisions, then ``cannot`` before ``must``.

    Args:
        rules: the declared rules.
        session: the match definition's.
        model: the match definition's.
        rows: rows of the two records.
        session_rows: their rows in the session, which are those of their collapsed records where
            the session has any.
    """
    left, right = np.array(rows[:1]), np.array(rows[1:])
    found = [*_decision(rules, left, right)]
    found += [
        RuleFinding(one.verb, _sentence(one), declared=True)
        for one in [*rules.cannot, *rules.must]
        if one.fires(left, right)[0]
    ]
    one_row, other_row = np.array(session_rows[:1]), np.array(session_rows[1:])
    apart = session.apart(one_row, other_row)
    if apart is not None and apart[0]:
        found.append(
            RuleFinding(
                "cannot",
                "one source lists both texts, each with a whole set of the same variants: two "
                "products",
                declared=False,
            )
        )
    if equal_pairs(session, model, one_row, other_row)[0]:
        found.append(RuleFinding("must", "both state the same in all that is compared", False))
    return found


def rules_between(
    rules: Rules, one: np.ndarray, two: np.ndarray, name: Callable[[int], str]
) -> list[RuleFinding]:
    """The ``cannot`` rules that keep two clusters apart, each with a pair on which it fires.

    Args:
        rules: the declared rules.
        one, two: rows of the clusters' records.
        name: gives the id of a row.
    """
    left = np.repeat(one[:_MOST_RECORDS], len(two[:_MOST_RECORDS]))
    right = np.tile(two[:_MOST_RECORDS], len(one[:_MOST_RECORDS]))
    found = []
    for rule in rules.cannot:
        fired = np.flatnonzero(rule.fires(left, right))
        if len(fired):
            a, b = name(int(left[fired[0]])), name(int(right[fired[0]]))
            text = f"{_sentence(rule)}; it fires on {a} and {b} of their clusters"
            found.append(RuleFinding("cannot", text, declared=True))
    return found


def _decision(rules: Rules, left: np.ndarray, right: np.ndarray) -> list[RuleFinding]:
    """What a person decided of a pair, or of records that others connect to it."""
    decided = rules.decided
    if decided is None:
        return []
    if decided.are_same(left, right)[0]:
        return [RuleFinding("must", "a person decided that they are the same", declared=True)]
    if decided.are_different(left, right)[0]:
        return [RuleFinding("cannot", "a person decided that they are different", declared=True)]
    return []


def _sentence(rule: DeclaredRule) -> str:
    values = "the same" if rule.rule.when == "equal" else "another"
    return f"{rule} (of {rule.declared}): both state {rule.rule.column}, and it is {values}"
