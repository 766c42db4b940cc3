"""Lessons: the labels that a linker learns its match definitions from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from linkage.definition_labels import LabelsOrFrame, labels_by_definition, refuse_lone_validation
from linkage.labels import Labels
from linkage.match_definition import MatchDefinition

__all__ = ["Lessons"]


@dataclass(frozen=True)
class Lessons:
    """Labels by name of the match definition; definitions without any start themselves.

    Attributes:
        labels: what is learned from.
        validation: what calibrates scores and chooses thresholds.
    """

    labels: dict[str, Labels] = field(default_factory=dict)
    validation: dict[str, Labels] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        definitions: Iterable[MatchDefinition],
        labels: LabelsOrFrame | Mapping[str, LabelsOrFrame] | None,
        validation: LabelsOrFrame | Mapping[str, LabelsOrFrame] | None,
    ) -> Lessons:
        """The labels as callers may give them.

        Raises:
            LabelError: they fit no definition, or each other.
        """
        definitions = list(definitions)
        given = labels_by_definition(labels, definitions)
        checks = labels_by_definition(validation, definitions, "validation labels")
        refuse_lone_validation(given, checks)
        return cls(given, checks)

    def __bool__(self) -> bool:
        return bool(self.labels)

    @property
    def table(self) -> pa.Table | None:
        """Records that labels bring with them, to be learned from in place of the catalog's."""
        tables = (one.training_table for one in self.labels.values())
        return next((table for table in tables if table is not None), None)

    @property
    def id_column(self) -> str | None:
        """The id column of the labels."""
        return next((one.id_column for one in self.labels.values()), None)
