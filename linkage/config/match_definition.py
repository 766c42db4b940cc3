"""Match definitions: what it means that two rows match."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from features.variants.concepts import CONCEPTS

__all__ = ["MatchDefinition", "Rule", "is_concept"]


@dataclass(frozen=True)
class Rule:
    """A rule on a column the user trusts; it holds only where both values are known.

    Attributes:
        column: The column compared.
        when: ``equal`` or ``differ``: when the rule applies.

    """

    column: str
    when: str


@dataclass(frozen=True)
class MatchDefinition:
    """What it means for two rows to match.

    Attributes:
        name: Of the definition; names its output columns.
        ignore: Columns that two matching rows may differ in; as authored also concepts.
        must: Rules by which a pair matches whatever its score.
        cannot: Rules by which a pair never matches, not even by a chain.
        labels: File of labels of this definition, if there is one.
        validation: File of labels that choose its threshold, beside those.
        precision: Precision that its threshold aims at, in place of that of ``[training]``.
        recall: Recall that it aims at; at most one of the two is given.
        ignore_text: Regular expressions whose matches the main text loses.
        output: Whether its results are written. Otherwise it is answered inside a run, for looser
            definitions to learn from and to begin with.
        concepts: Once resolved, what was ignored and is no column: ``colour``, ``size`` or
            ``quantity`` as titles state them (`features.variants.concepts`).

    """

    name: str
    ignore: tuple[str, ...] = ()
    must: tuple[Rule, ...] = ()
    cannot: tuple[Rule, ...] = ()
    labels: str | None = None
    validation: str | None = None
    precision: float | None = None
    recall: float | None = None
    ignore_text: tuple[str, ...] = ()
    output: bool = True
    concepts: tuple[str, ...] = ()

    @property
    def ignored(self) -> tuple[str, ...]:
        """The names of all that it ignores: columns, then concepts."""
        return (*self.ignore, *self.concepts)

    @property
    def ignores(self) -> frozenset[tuple[str, str]]:
        """All that it ignores, patterns told from names; empty if rows must match in everything."""
        names = {("name", name) for name in self.ignored}
        return frozenset(names | {("text", pattern) for pattern in self.ignore_text})

    def lists(self) -> dict[str, list[Any]]:
        """Return its lists as authored, those that are not empty."""
        plain: dict[str, list[Any]] = {
            "ignore": list(self.ignored),
            "ignore_text": list(self.ignore_text),
            "must": [asdict(rule) for rule in self.must],
            "cannot": [asdict(rule) for rule in self.cannot],
        }
        return {name: items for name, items in plain.items() if items}

    def resolved(self, columns: Container[str]) -> MatchDefinition:
        """Return the definition with the ignored names that are no columns as concepts.

        Args:
            columns: Of the tables.

        """
        concepts = [CONCEPTS[name] for name in self.ignore if name not in columns]
        return replace(
            self,
            ignore=tuple(name for name in self.ignore if name in columns),
            concepts=tuple(dict.fromkeys([*self.concepts, *concepts])),
        )


def is_concept(name: str, columns: Iterable[str]) -> bool:
    """Return whether an ignored name is a concept: no column has it, in whatever spelling.

    Args:
        name: As authored.
        columns: Of the tables; with ``Color`` among them ``colour`` is most likely that column.

    """
    concepts = {CONCEPTS.get(column.lower()) for column in columns}
    return name in CONCEPTS and CONCEPTS[name] not in concepts
