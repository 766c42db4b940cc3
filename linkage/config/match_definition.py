"""Match definitions: what it means that two rows match."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MatchDefinition", "Rule"]


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
        ignore: Columns that two matching rows may differ in.
        must: Rules by which a pair matches whatever its score.
        cannot: Rules by which a pair never matches, not even by a chain.
        labels: File of labels of this definition, if there is one.
        validation: File of labels that choose its threshold, beside those.
        precision: Precision that its threshold aims at, in place of that of ``[training]``.
        recall: Recall that it aims at; at most one of the two is given.

    """

    name: str
    ignore: tuple[str, ...] = ()
    must: tuple[Rule, ...] = ()
    cannot: tuple[Rule, ...] = ()
    labels: str | None = None
    validation: str | None = None
    precision: float | None = None
    recall: float | None = None
