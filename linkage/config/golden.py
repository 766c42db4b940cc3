"""The section ``[golden]``: by which rules the golden record of a cluster is put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from linkage.errors import nearest, shorten

__all__ = ["RULES", "GoldenConfig", "golden_faults"]

#: The rules that an attribute may have, and what each of them takes. `docs/golden.md` says more.
RULES = {
    "most_complete": "the value of the record that states the most attributes",
    "most_frequent": "the value that the most records state",
    "longest": "the longest text",
    "newest": "the value of the newest record, by golden.date",
    "source": "the value of the first of golden.sources that states one",
    "min": "the smallest amount or date",
    "max": "the largest amount or date",
    "median": "the middle amount or date, of two the smaller",
    "union": "all distinct values",
    "gtin": "trade numbers with a right check digit, then the most frequent",
    "offers": "no value: the range, and every offer beside it",
}
#: What a rule needs besides the records.
_NEEDS = {"newest": "date", "source": "sources"}


@dataclass(frozen=True)
class GoldenConfig:
    """How golden records are put together; what is left out follows from kinds of attributes.

    Attributes:
        date: Column that says when a record was last changed, for the rule ``newest``.
        sources: Values of ``catalog.source``, the most trusted first, for the rule ``source``.
        together: Columns whose values are always taken from one record.
        rules: Column = rule, of :data:`RULES`.

    """

    date: str | None = None
    sources: list[str] | None = None
    # Beside those that are recognised, such as a value and its unit.
    together: list[list[str]] | None = None
    rules: dict[str, str] | None = None

    def named_columns(self) -> list[tuple[str, str]]:
        """Return the columns that the section names: dotted path of the place, and name."""
        named = [] if self.date is None else [("golden.date", self.date)]
        named += [("golden.together", name) for group in self.together or () for name in group]
        return named + [(f"golden.rules.{name}", name) for name in self.rules or ()]


def golden_faults(section: Any) -> list[str]:
    """Return every fault of the section's plain values, one sentence each with its dotted path."""
    if not isinstance(section, Mapping):
        return [f"golden must be a table ([golden]), got {shorten(section)}."]
    faults = []
    for name in sorted(map(str, section.keys() - {"date", "sources", "together", "rules"})):
        hint = "Allowed: date, sources, together, rules."
        faults.append(f"golden.{shorten(name)[1:-1]} is no known key. {hint}")
    if "date" in section and not _is_name(section["date"]):
        faults.append(f"golden.date must be a column in quotes, got {shorten(section['date'])}.")
    if "sources" in section and not _are_names(section["sources"]):
        found = shorten(section["sources"])
        faults.append(f"golden.sources must be a list of distinct sources, got {found}.")
    groups = section.get("together", [])
    if not isinstance(groups, list | tuple) or not all(_are_names(g, least=2) for g in groups):
        shape = 'lists of columns such as [["size", "unit"]]'
        faults.append(f"golden.together must be {shape}, got {shorten(groups)}.")
    rules = section.get("rules", {})
    if not isinstance(rules, Mapping):
        return [*faults, f"golden.rules must be a table of column = rule, got {shorten(rules)}."]
    for column, rule in rules.items():
        path = f"golden.rules.{column}"
        if not isinstance(rule, str) or rule not in RULES:
            close = nearest(rule, RULES, 1) if isinstance(rule, str) else []
            meant = f" (did you mean '{close[0]}'?)" if close else ""
            faults.append(f"{path} must be one of {', '.join(RULES)}, got {shorten(rule)}{meant}.")
        elif (need := _NEEDS.get(rule)) and need not in section:
            faults.append(f"{path} = {rule!r} needs golden.{need}.")
    return faults


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _are_names(value: Any, least: int = 1) -> bool:
    return (
        isinstance(value, list | tuple)
        and all(map(_is_name, value))
        and len(set(value)) == len(value) >= least
    )
