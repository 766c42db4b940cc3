"""Faults of rules that are well-formed but contradict each other or themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["rule_contradictions", "rules_on_ids"]


def rule_contradictions(path: str, table: Mapping[str, Any]) -> list[str]:
    """Return the faults of rules that contradict each other, themselves or ``ignore``."""
    faults = []
    ignored = table.get("ignore", ())
    must = [(rule["column"], rule.get("when", "equal")) for rule in table.get("must", ())]
    cannot = [(rule["column"], rule.get("when", "differ")) for rule in table.get("cannot", ())]
    for verb, rules in (("must", must), ("cannot", cannot)):
        for column, when in dict.fromkeys(rule for rule in rules if rules.count(rule) > 1):
            faults.append(f"{path}.{verb} says '{column}' {when} more than once.")
    for column, when in must:
        if when == "differ":
            faults.append(
                f"{path}.must: rows that differ in '{column}' cannot all match: a must rule is "
                "of equal values."
            )
        elif (column, when) in cannot:
            faults.append(f"{path}: rows of equal '{column}' both must and cannot match.")
    for column, when in cannot:
        if when == "differ" and column in ignored:
            faults.append(
                f"{path}.cannot: '{column}' is ignored, so that matching rows may differ in it; "
                "leave it out of ignore or of cannot."
            )
    return faults


def rules_on_ids(raw: Mapping[str, Any]) -> list[str]:
    """Return the faults of rules on the column of ids, which are all different."""
    catalog, match = raw.get("catalog", {}), raw.get("match", {})
    if not isinstance(catalog, Mapping) or not isinstance(match, Mapping):
        return []
    id_column = catalog.get("id", "id")
    faults = []
    for name, table in match.items():
        for verb in ("must", "cannot"):
            rules = table.get(verb, ()) if isinstance(table, Mapping) else ()
            rules = rules if isinstance(rules, list | tuple) else ()
            if any(isinstance(rule, Mapping) and rule.get("column") == id_column for rule in rules):
                faults.append(
                    f"match.{name}.{verb}: '{id_column}' is the column of ids, which are all "
                    "different; name another column."
                )
    return faults
