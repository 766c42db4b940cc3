"""Synonyms: values of an attribute with the same meaning, and features of stated values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field

import numpy as np

from features.compare import set_kernels
from features.feature_names import column_feature
from features.statements import Statements
from features.text.sets import SparseSets, sparse_sets

__all__ = ["StatementFeatures", "Synonyms", "synonym_lines"]

#: Groups of an attribute, and values of a group, that a summary names.
_NAMED_GROUPS, _NAMED_VALUES = 3, 4


@dataclass(frozen=True)
class Synonyms:
    """Groups of values with the same meaning, by attribute.

    Attributes:
        groups: attribute -> groups of clean values; a value is in one group at most.
    """

    groups: dict[str, list[list[str]]] = field(default_factory=dict)

    def meanings(self, attribute: str, strings: Sequence[str]) -> np.ndarray:
        """Code of each value's meaning, int32; a value in no group has a meaning of its own."""
        first = {v: group[0] for group in self.groups.get(attribute, []) for v in group}
        number: dict[str, int] = {}
        found = [number.setdefault(first.get(s, s), len(number)) for s in strings]
        return np.array(found, np.int32)

    @classmethod
    def from_dict(cls, state: Mapping[str, list[list[str]]]) -> Synonyms:
        """Synonyms from the plain value of ``groups``."""
        return cls({name: [list(group) for group in groups] for name, groups in state.items()})


class StatementFeatures:
    """Agreement of the stated values of an attribute, synonyms counted as equal.

    Columns: shared meanings over the smaller set (overlap coefficient), and over the union
    (Jaccard); NaN where a record states no value.
    """

    one_sided = False

    def __init__(self, statements: Statements, synonyms: Synonyms) -> None:
        meaning = synonyms.meanings(statements.name, statements.strings)
        ids = meaning[statements.ids] if len(statements.ids) else statements.ids
        self.sets: SparseSets = sparse_sets(
            statements.indptr, ids, max(int(meaning.max(initial=0)) + 1, 1)
        )
        self.names = [
            column_feature(statements.name, f"stated_{m}") for m in ("agreement", "jaccard")
        ]

    def reordered(self, rows: np.ndarray) -> StatementFeatures:
        """The same features of pairs given by positions in another order of the records."""
        group = copy(self)
        group.sets = self.sets.at(rows).bare()
        return group

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Features of the pairs: float32, shape (m, 2), NaN where unknown."""
        return set_kernels.agreement(self.sets, left, right)


def synonym_lines(groups: Mapping[str, list[list[str]]]) -> list[str]:
    """One line for each attribute, for the summary: some of its groups, and how many more."""
    lines = []
    for attribute, found in groups.items():
        named = []
        for group in found[:_NAMED_GROUPS]:
            more = len(group) - _NAMED_VALUES
            tail = f" = {more} more" if more > 0 else ""
            named.append(" = ".join(group[:_NAMED_VALUES]) + tail)
        rest = len(found) - len(named)
        also = f"; {rest} more groups" if rest > 1 else "; 1 more group" if rest else ""
        lines.append(f"same {attribute}: {'; '.join(named)}{also}")
    return lines
