"""Rules as match definitions declare them, and those that they inherit from each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from linkage.config.match_definition import MatchDefinition, Rule
from linkage.config.nesting import is_looser

__all__ = ["DeclaredRule", "inherited_rules"]


@dataclass(frozen=True)
class DeclaredRule:
    """A rule with the values that it compares.

    Attributes:
        verb: ``must`` or ``cannot``.
        rule: column and when it applies.
        declared: name of the definition that declares it.
        values: int64[n], number of each record's value, -1 unknown.
    """

    verb: str
    rule: Rule
    declared: str
    values: np.ndarray

    def __str__(self) -> str:
        return f"{self.verb} {self.rule.column} {self.rule.when}"

    def fires(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return whether the rule applies to each of m pairs of records, bool[m]."""
        a, b = self.values[left], self.values[right]
        met = a == b if self.rule.when == "equal" else a != b
        return np.asarray((a >= 0) & (b >= 0) & met)


def inherited_rules(
    definition: MatchDefinition, definitions: Sequence[MatchDefinition]
) -> list[tuple[str, Rule, str]]:
    """Return the rules that hold under a definition: its own first, then inherited ones.

    What must match must match under looser definitions too; what cannot match under one cannot
    match under stricter ones.

    Args:
        definition: one of the definitions.
        definitions: all of them.

    Returns:
        Verb, rule and name of the definition that declares it; no rule twice.
    """
    found: dict[tuple[str, Rule], str] = {}
    passed_on = [one for one in definitions if is_looser(definition, one)]
    for one in [definition, *passed_on]:
        for rule in one.must:
            found.setdefault(("must", rule), one.name)
    passed_down = [one for one in definitions if is_looser(one, definition)]
    for one in [definition, *passed_down]:
        for rule in one.cannot:
            found.setdefault(("cannot", rule), one.name)
    return [(verb, rule, name) for (verb, rule), name in found.items()]
